"""Fetch folders of images: made here, from a mirror, or from Kaggle. Each data set is described by an `ImageSource`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from atelier.data.download import kaggle, raw_folder
from atelier.data.download.archives import ArchiveSpec, archive_specs, in_hash_order, write_archives
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.listing import find_files
from atelier.data.download.source import SAMPLE_LICENCE, DataRequest, Source, is_fetched
from atelier.data.download.versions import source_versions
from atelier.data.samples.noise import VERSION, encode
from atelier.errors import BadInputError
from atelier.preprocessing.images import SUFFIXES, ImageArray
from pipelines.fetch.settings import FetchSettings, expanded


class ImagesFetch(FetchSettings):
    """Which images to fetch, and from where. A mirror holds `<data set>/`."""

    folder: str | None
    """Path or URL of any folder of images, which are used instead of the data set's, whatever `source` is."""
    items: int | None = Field(ge=1)
    """Number of images, a fixed random sample that a larger number contains; None: all of them."""
    licence: str | None
    """Of the images in `folder` or in a mirror; None: not stated for a folder, the publisher's for a mirror."""
    side: int = Field(ge=16, le=1024)
    """Short side of the sample images, in pixels."""
    seed: int
    """Of the sample images."""

    @model_validator(mode="after")
    def _sample_has_a_size(self) -> Self:
        if self.folder is None and self.source == "sample" and self.items is None:
            raise ValueError("the sample data needs a number of images: set items")
        return self


SAMPLE_ADDRESS = "made by atelier.data.samples"
PARALLEL_ARCHIVES = 8
"""Archives that are fetched at the same time."""


@dataclass(frozen=True)
class ImageSource:
    """Where the images of a data set come from."""

    name: str
    licence: str
    """Of the published images."""
    kaggle: str | None = None
    """Kaggle's owner/name; None where the images are not published there."""
    paint: Callable[[int, int, int], ImageArray] | None = None
    """Makes a sample image from (seed, number, short side); None where there is no sample data."""
    sample_name: Callable[[int], str] = "{:06d}.jpg".format
    """The path of a sample image by its number."""
    folder: str | None = None
    """Its folder in a mirror; None: its name."""
    intended_use: str = ""
    """What the images may be used for."""
    table: str | None = None
    """A file of the folder that is fetched as it is, where there is one, such as a table of attributes."""


def fetch(folder: Path, settings: ImagesFetch, images: ImageSource) -> Path:
    """Fill the raw folder with archives of images and `SOURCE.json`. Does nothing where they are there already.

    Raises
    ------
    BadInputError
        When the data set has no such source, the source cannot be read, or it holds no image.
    TransferError
        When the connection kept failing. The next run continues from there.
    """
    pull_if_absent(folder)
    if settings.folder is not None:
        fetch_own(folder, settings, images)
    elif settings.source == "sample":
        make_sample(folder, settings, images)
    elif settings.source == "mirror":
        address = settings.address(images.folder or images.name, "", images.name)
        _fetch_folder(folder, make_request(settings, images, address), address, images.table)
    else:
        _fetch_kaggle(folder, settings, images)
    return folder


def fetch_own(folder: Path, settings: ImagesFetch, images: ImageSource) -> None:
    """Fill the raw folder with archives of the images in `settings.folder`, in folders or not, or in a zip file."""
    address = inside_zip(expanded(settings.folder or ""))
    request = DataRequest(
        dataset=images.name,
        kind="mirror",
        address=address,
        licence=settings.licence or f"not stated: images of {address}",
        intended_use=images.intended_use,
        parameters={"items": settings.items},
    )
    _fetch_folder(folder, request, address, images.table)


def inside_zip(address: str) -> str:
    """Of a zip file on disk the address of the folder in it; anything else stays as it is."""
    return f"zip://::{address}" if address.lower().endswith(".zip") and "://" not in address else address


def make_sample(
    folder: Path, settings: ImagesFetch, images: ImageSource, finish: Callable[[Path], None] | None = None
) -> Source:
    """Fill the raw folder with sample images; `finish` writes further files into it."""
    if images.paint is None:
        raise BadInputError(f"There is no sample data of {images.name}: set {images.name}.fetch.source to mirror.")
    paint, count = images.paint, settings.items or 0
    names = {images.sample_name(number): partial(_sample_file, paint, settings, number) for number in range(count)}

    def write(building: Path) -> None:
        write_archives(building, names)
        if finish:
            finish(building)

    return raw_folder.make(folder, make_request(settings, images, SAMPLE_ADDRESS), write)


def make_request(settings: ImagesFetch, images: ImageSource, address: str, **parameters: Any) -> DataRequest:
    """The request that the settings stand for: equal requests give equal raw data."""
    sample = {"seed": settings.seed, "side": settings.side, "generator": VERSION} if settings.source == "sample" else {}
    published = SAMPLE_LICENCE if settings.source == "sample" else images.licence
    return DataRequest(
        dataset=images.name,
        kind=settings.source,
        address=address,
        licence=(settings.source == "mirror" and settings.licence) or published,
        intended_use=images.intended_use,
        parameters={"items": settings.items} | sample | parameters,
    )


def _sample_file(paint: Callable[[int, int, int], ImageArray], settings: ImagesFetch, number: int) -> bytes:
    return encode(paint(settings.seed, number, settings.side))


def _fetch_kaggle(folder: Path, settings: ImagesFetch, images: ImageSource) -> None:
    if images.kaggle is None:
        raise BadInputError(f"{images.name} has no publisher that is known: set {images.name}.fetch.source to mirror.")
    request = make_request(settings, images, f"kaggle.com/datasets/{images.kaggle}")
    if not is_fetched(folder, request):
        _fetch_folder(folder, request, str(kaggle.download(images.kaggle)), images.table)


def _fetch_folder(folder: Path, request: DataRequest, address: str, table: str | None) -> None:
    found = find_files(address, SUFFIXES if table is None else (*SUFFIXES, table))
    names = in_hash_order(name for name in found if name != table)[: request.parameters["items"]]
    files: dict[str, str | ArchiveSpec] = {**archive_specs(address, names)}
    if table in found:
        files[table] = ArchiveSpec(address, (table,)).address_of(table)
    if request.kind == "mirror":  # its files can change: the list of archives makes a changed mirror a new request
        request = request.model_copy(update={"parameters": request.parameters | {"archives": sorted(files)}})
    versions = source_versions(files) if request.kind == "mirror" else {}
    raw_folder.fetch(folder, request, files, max_workers=PARALLEL_ARCHIVES, versions=versions)
