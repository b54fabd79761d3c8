"""Fetch the weights of the perceptual network: made here, from a mirror, or from Keras Applications."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple

from pydantic import Field

from atelier.atomic_files import digest
from atelier.data.download import raw_folder
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.source import SAMPLE_LICENCE, DataRequest, Kind, is_current
from atelier.data.download.versions import source_versions
from atelier.errors import BadInputError
from atelier.pretrained.perceptual.architectures import RANDOM
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.weights import random_weights, write_npz
from pipelines.fetch.settings import NetworkFetch


class PerceptualFetch(NetworkFetch):
    """Which perceptual network to fetch, and from where."""

    sources_of: ClassVar[Mapping[str, tuple[Kind, ...]]] = {
        "random": ("sample",),
        "squeezenet": ("mirror",),
        "vgg16": ("mirror", "origin"),
    }

    seed: int = Field(ge=0)
    """Of random weights."""


ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16"
SAMPLE_ADDRESS = "made by atelier.pretrained.perceptual.weights"


class _Published(NamedTuple):
    """A published file of weights."""

    file: str
    licence: str
    md5: str | None = None
    """As stated by the publisher; None where it is not stated."""


_PUBLISHED = {
    "squeezenet": _Published("squeezenet1_0_imagenet_rgb.npz", "BSD: SqueezeNet 1.0 (Iandola et al. 2016), ImageNet"),
    "vgg16": _Published(
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
        request = _request(settings, SAMPLE_ADDRESS, SAMPLE_LICENCE, {"seed": settings.seed})
        raw_folder.make(folder, request, partial(_write_random, seed=settings.seed))
    else:
        _fetch_published(folder, settings, _PUBLISHED[settings.network])
    return Perceptual(folder)


def _write_random(folder: Path, seed: int) -> None:
    write_npz(folder / "weights.npz", random_weights(RANDOM.shapes, seed))


def _fetch_published(folder: Path, settings: PerceptualFetch, published: _Published) -> None:
    address = settings.address("weights", ORIGIN, Perceptual.role)
    request = _request(settings, address, published.licence, {})
    files = {published.file: f"{address}/{published.file}"}
    versions = source_versions(files) if settings.source == "mirror" else {}
    if is_current(folder, request, versions):
        return
    raw_folder.fetch(folder, request, files, versions=versions)
    if published.md5 and digest(folder / published.file, "md5") != published.md5:
        (folder / published.file).unlink()
        raise BadInputError(f"{address}/{published.file} is not the published file: its MD5 differs.")


def _request(settings: PerceptualFetch, address: str, licence: str, parameters: dict[str, int]) -> DataRequest:
    return DataRequest(
        dataset="perceptual",
        kind=settings.source,
        address=address,
        licence=licence,
        parameters={"network": settings.network} | parameters,
    )
