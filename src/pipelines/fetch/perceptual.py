"""Fetch the weights of the perceptual network: made here, from a mirror, or from Keras Applications."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from atelier.data.download import raw_folder
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.source import SAMPLE_LICENCE, Kind
from atelier.pretrained.perceptual.architectures import RANDOM
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.weights import random_weights, write_npz
from pipelines.fetch.published import SQUEEZENET, Published, fetch_published
from pipelines.fetch.settings import NetworkFetch


class PerceptualFetch(NetworkFetch):
    """Which perceptual network to fetch, and from where."""

    role: ClassVar[str] = Perceptual.role
    sources_of: ClassVar[Mapping[str, tuple[Kind, ...]]] = {
        "random": ("sample",),
        "squeezenet": ("mirror",),
        "vgg16": ("mirror", "origin"),
    }

    seed: int = Field(ge=0)
    """Of random weights."""


ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16"
SAMPLE_ADDRESS = "made by atelier.pretrained.perceptual.weights"


_PUBLISHED = {
    "squeezenet": SQUEEZENET,
    "vgg16": Published(
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "CC BY 4.0: VGG16, Visual Geometry Group, University of Oxford; ImageNet",
        "6d6bbae143d832006294945121d1f1fc",
    ),
}


def fetch(folder: Path, settings: PerceptualFetch) -> Perceptual:
    """Fill the folder with a file of weights and `SOURCE.json`. Does nothing where they are there already.

    Raises
    ------
    BadInputError
        When the file does not exist, or is not the published one.
    TransferError
        When the connection kept failing. The next run continues from there.
    """
    pull_if_absent(folder)
    if settings.network == "random":
        request = settings.request(SAMPLE_ADDRESS, SAMPLE_LICENCE, seed=settings.seed)
        raw_folder.make(folder, request, partial(_write_random, seed=settings.seed))
    else:
        published = _PUBLISHED[settings.network]
        fetch_published(folder, settings.request(settings.weights_address(ORIGIN), published.licence), published)
    return Perceptual(folder)


def _write_random(folder: Path, seed: int) -> None:
    write_npz(folder / "weights.npz", random_weights(RANDOM.shapes, seed))
