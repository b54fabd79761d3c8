"""Folders of images: made here, from a mirror, or from Kaggle. A data set names what it is and where it comes from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from atelier.data.download import kaggle, raw_folder
from atelier.data.download.archives import in_fair_order, packs, write_archives
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.listing import find_files
from atelier.data.download.source import SAMPLE_LICENCE, Request, Source, is_fetched
from atelier.data.samples.noise import VERSION, encode
from atelier.errors import BadInputError
from atelier.preprocessing.images import SUFFIXES, Picture
from pipelines.fetch.settings import FetchSettings


class ImagesFetch(FetchSettings):
    """Which images to get and from where. A mirror holds `<data set>/`."""

    items: int | None = Field(default=None, ge=1)
    """So many of all there are, a fair choice: the same ones every time, and among those of any larger number."""
    licence: str | None = None
    """Of a mirror's images, where it is not the publisher's."""
    side: int = Field(default=192, ge=16, le=1024)
    """Short side of the sample images, in pixels."""
    seed: int = 0
    """Of the sample images."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.source == "sample" and self.items is None:
            raise ValueError("the sample data needs a number of images: set items")
        return self


MADE_HERE = "made by atelier.data.samples"
TOGETHER = 8
"""Archives that are fetched at the same time."""


@dataclass(frozen=True)
class ImageSet:
    """What is known of a folder of images."""

    name: str
    licence: str
    """Of the published images."""
    kaggle: str | None = None
    """Where they are published: Kaggle's owner/name."""
    paint: Callable[[int, int, int], Picture] | None = None
    """Makes the sample image of a (seed, number, short side)."""


def fetch(folder: Path, settings: ImagesFetch, images: ImageSet) -> Path:
    """Fill the raw folder with archives of images and `SOURCE.json`; at once when it holds them already.

    Raises
    ------
    BadInputError
        When the source does not exist for this data set, cannot be read, or holds no image.
    TransferError
        When the connection kept failing; the next run goes on from there.
    """
    pull_if_absent(folder)
    if settings.source == "sample":
        make_sample(folder, settings, images)
    elif settings.source == "mirror":
        address = settings.address(images.name, "")
        _fetch_folder(folder, request(settings, images, address), address)
    else:
        _fetch_kaggle(folder, settings, images)
    return folder


def make_sample(
    folder: Path, settings: ImagesFetch, images: ImageSet, finish: Callable[[Path], None] | None = None
) -> Source:
    """Images painted here; `finish` writes what goes with them."""
    if images.paint is None:
        raise BadInputError(f"There is no sample data of {images.name}: set {images.name}.fetch.source to mirror.")
    paint, count = images.paint, settings.items or 0
    names = {f"{number:06d}.jpg": partial(_painted, paint, settings, number) for number in range(count)}

    def write(building: Path) -> None:
        write_archives(building, names)
        if finish:
            finish(building)

    return raw_folder.make(folder, request(settings, images, MADE_HERE), write)


def request(settings: ImagesFetch, images: ImageSet, address: str, **parameters: Any) -> Request:
    """What is asked for: equal requests give equal raw data."""
    sample = {"seed": settings.seed, "side": settings.side, "generator": VERSION} if settings.source == "sample" else {}
    published = SAMPLE_LICENCE if settings.source == "sample" else images.licence
    return Request(
        dataset=images.name,
        kind=settings.source,
        address=address,
        licence=(settings.source == "mirror" and settings.licence) or published,
        parameters={"items": settings.items} | sample | parameters,
    )


def _painted(paint: Callable[[int, int, int], Picture], settings: ImagesFetch, number: int) -> bytes:
    return encode(paint(settings.seed, number, settings.side))


def _fetch_kaggle(folder: Path, settings: ImagesFetch, images: ImageSet) -> None:
    if images.kaggle is None:
        raise BadInputError(f"{images.name} has no publisher that is known: set {images.name}.fetch.source to mirror.")
    wanted = request(settings, images, f"kaggle.com/datasets/{images.kaggle}")
    if not is_fetched(folder, wanted):
        _fetch_folder(folder, wanted, str(kaggle.download(images.kaggle)))


def _fetch_folder(folder: Path, wanted: Request, address: str) -> None:
    names = in_fair_order(find_files(address, SUFFIXES))[: wanted.parameters["items"]]
    files = packs(address, names)
    if wanted.kind == "mirror":  # whose files may be others tomorrow
        wanted = wanted.model_copy(update={"parameters": wanted.parameters | {"archives": sorted(files)}})
    raw_folder.fetch(folder, wanted, files, together=TOGETHER)
