"""Fetch Quick, Draw! drawings: made here, from a mirror, or from Google's bucket."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from atelier.data.download import raw_folder
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.listing import UnlistedError, is_web, list_files, suggest
from atelier.data.download.source import SAMPLE_LICENCE, DataRequest, Source, is_fetched
from atelier.data.download.versions import source_versions
from atelier.data.ingest.quickdraw import EXTENSIONS, category_of
from atelier.data.samples import doodles
from atelier.data.samples.doodle_categories import CATEGORIES as SAMPLE_CATEGORIES
from pipelines.fetch.settings import FetchSettings

log = logging.getLogger(__name__)

Format = Literal["simplified", "raw", "numpy_bitmap"]


class QuickdrawFetch(FetchSettings):
    """Which Quick, Draw! drawings to fetch, from where, and in which of the three published formats.

    A mirror holds `quickdraw/<format>/<category>.<ext>`.
    """

    format: Format
    categories: tuple[str, ...] | Literal["all"]
    """Names of Quick, Draw! categories; `all` means all that the source has."""
    items_per_category: int | None = Field(ge=1)
    """Number of drawings of each category, from the first; None: all of them."""
    seed: int
    """Of the sample data."""

    @model_validator(mode="after")
    def _source_has_the_format(self) -> Self:
        if self.source == "sample" and self.format != "simplified":
            raise ValueError("the sample data is made in the format `simplified`: set format: simplified")
        if self.source == "sample" and self.items_per_category is None:
            raise ValueError("the sample data needs a number of drawings: set items_per_category")
        if self.categories != "all" and len(set(self.categories)) != len(self.categories):
            raise ValueError("a category is named twice")
        return self


ORIGIN = "https://storage.googleapis.com/quickdraw_dataset/full"
SAMPLE_ADDRESS = "made by atelier.data.samples.doodles"
LICENCE = "CC BY 4.0: Quick, Draw! Dataset, Google (https://github.com/googlecreativelab/quickdraw-dataset)"


def fetch(folder: Path, settings: QuickdrawFetch) -> Path:
    """Fill the raw folder with `<category>.<ext>` files and `SOURCE.json`. Does nothing where they are there already.

    A category that does not exist is logged with the closest existing names and noted in `SOURCE.json`; preparation
    decides whether to stop.

    Raises
    ------
    BadInputError
        When none of the categories exists, or the mirror cannot be read.
    TransferError
        When the connection kept failing. The next run continues from there.
    """
    pull_if_absent(folder)
    if settings.source == "sample":
        _make_sample(folder, settings)
    else:
        _fetch_files(folder, settings)
    return folder


def all_categories() -> list[str]:
    """The 345 categories that Google published."""
    return resources.files("pipelines.fetch").joinpath("quickdraw_categories.txt").read_text("utf-8").splitlines()


def _make_sample(folder: Path, settings: QuickdrawFetch) -> None:
    available = {category: f"{category}.ndjson" for category in SAMPLE_CATEGORIES}
    request = _request(settings, _categories(settings, available), SAMPLE_ADDRESS)
    names, missing = _select(request, available)
    raw_folder.make(folder, request, partial(_write_sample, names=names, settings=settings), missing)


def _write_sample(folder: Path, names: list[str], settings: QuickdrawFetch) -> None:
    for name in names:
        lines = doodles.draw_lines(category_of(name), settings.items_per_category or 0, settings.seed)
        with (folder / name).open("wb") as file:
            file.writelines(lines)


def _fetch_files(folder: Path, settings: QuickdrawFetch) -> None:
    address = f"{settings.address('quickdraw', ORIGIN)}/{settings.format}"
    if settings.categories != "all":
        request = _request(settings, settings.categories, address)
        if is_fetched(folder, request) and not _has_changed(folder, request):
            return  # the mirror need not be listed
    available = _files_at(address, settings)
    request = _request(settings, _categories(settings, available), address)
    names, missing = _select(request, available)
    addresses = _addresses(address, names)
    versions = source_versions(addresses) if settings.source == "mirror" else {}
    raw_folder.fetch(folder, request, addresses, missing, _lines(names, settings), versions=versions)


def _has_changed(folder: Path, request: DataRequest) -> bool:
    """Whether a mirror has other files than those that were fetched from it; the publisher's never change."""
    source = Source.read(folder)
    return request.kind == "mirror" and bool(
        source.changed(folder, source_versions(_addresses(request.address, source.files)))
    )


def _addresses(address: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{address}/{quote(name) if is_web(address) else name}" for name in names}


def _files_at(address: str, settings: QuickdrawFetch) -> dict[str, str]:
    """Category → file name: as listed by the mirror, or as Google names them where it cannot be listed."""
    extensions = EXTENSIONS[settings.format]
    published = {category: f"{category}{extensions[0]}" for category in all_categories()}
    if settings.source == "origin":
        return published
    try:
        return _by_category(list_files(address, extensions), extensions)
    except UnlistedError:
        if settings.categories == "all" or "://" not in address:
            raise
        return published | {category: f"{category}{extensions[0]}" for category in settings.categories}


def _by_category(names: Sequence[str], extensions: Sequence[str]) -> dict[str, str]:
    """Category → its file; of several, the one that is named as the publisher names it, else the first by name."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(category_of(name), []).append(name)
    chosen = {}
    for category, candidates in found.items():
        published = [name for name in candidates if name == f"{category}{extensions[0]}"]
        chosen[category] = (published or candidates)[0]
        if len(candidates) > 1:
            log.warning(
                "Several files are of %s: %s. The first is used.",
                category,
                ", ".join(sorted(candidates, key=chosen[category].__ne__)),
            )
    return chosen


def _lines(names: list[str], settings: QuickdrawFetch) -> int | None:
    """Lines to download. None where a file is not plain text: it is fetched as a whole and cut in preparation."""
    return settings.items_per_category if all(name.endswith(".ndjson") for name in names) else None


def _categories(settings: QuickdrawFetch, available: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(available) if settings.categories == "all" else settings.categories


def _select(request: DataRequest, available: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The files of the requested categories, and file → reason for the missing ones."""
    categories = request.parameters["categories"]
    extension = EXTENSIONS[request.parameters["format"]][0]
    where = "The sample data" if request.kind == "sample" else request.address
    missing = {
        f"{category}{extension}": f"{where} has no category {suggest(category, available)}"
        for category in categories
        if category not in available
    }
    return [available[category] for category in categories if category in available], missing


def _request(settings: QuickdrawFetch, categories: tuple[str, ...], address: str) -> DataRequest:
    sample = {"seed": settings.seed, "generator": doodles.VERSION} if settings.source == "sample" else {}
    parameters = {
        "format": settings.format,
        "categories": sorted(categories),
        "named": settings.categories != "all",
        "items_per_category": settings.items_per_category,
    }
    return DataRequest(
        dataset="quickdraw",
        kind=settings.source,
        address=address,
        licence=SAMPLE_LICENCE if settings.source == "sample" else LICENCE,
        parameters=parameters | sample,
    )
