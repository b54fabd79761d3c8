"""Weights of a pretrained network that are published as one file."""

from pathlib import Path
from typing import NamedTuple

from atelier.atomic_files import digest
from atelier.data.download import raw_folder
from atelier.data.download.source import DataRequest, is_current
from atelier.data.download.versions import source_versions
from atelier.errors import BadInputError


class Published(NamedTuple):
    """A published file of weights."""

    file: str
    licence: str
    md5: str | None = None
    """As stated by the publisher; None where it is not stated."""


SQUEEZENET = Published("squeezenet1_0_imagenet_rgb.npz", "BSD: SqueezeNet 1.0 (Iandola et al. 2016), ImageNet")


def fetch_published(folder: Path, request: DataRequest, published: Published) -> None:
    """Fill the raw folder with the file, from the folder at `request.address`.

    Raises
    ------
    BadInputError
        When the file does not exist, or is not the published one.
    TransferError
        When the connection kept failing. The next run continues from there.
    """
    files = {published.file: f"{request.address}/{published.file}"}
    versions = source_versions(files) if request.kind == "mirror" else {}
    if is_current(folder, request, versions):
        return
    raw_folder.fetch(folder, request, files, versions=versions)
    if published.md5 and digest(folder / published.file, "md5") != published.md5:
        (folder / published.file).unlink()
        raise BadInputError(f"{request.address}/{published.file} is not the published file: its MD5 differs.")
