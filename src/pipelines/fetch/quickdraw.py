"""Quick, Draw! drawings: made here, from a mirror, or from Google's bucket."""

from collections.abc import Iterable
from functools import partial
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from atelier.data import sources
from atelier.data.sample_categories import CATEGORIES as SAMPLE_CATEGORIES
from atelier.data.sample_drawings import draw_lines
from atelier.data.versioning import pull_if_absent
from atelier.errors import BadInputError
from pipelines.fetch.settings import QuickdrawFetch

ORIGIN = "https://storage.googleapis.com/quickdraw_dataset/full"
LICENCE = "CC BY 4.0: Quick, Draw! Dataset, Google (https://github.com/googlecreativelab/quickdraw-dataset)"
SAMPLE_LICENCE = "CC0 1.0: made by this project"
EXTENSIONS = {"simplified": (".ndjson",), "raw": (".ndjson", ".ndjson.gz"), "numpy_bitmap": (".npy",)}


def fetch(folder: Path, settings: QuickdrawFetch) -> Path:
    """Fill the raw folder with `<category>.<ext>` files and `SOURCE.json`; at once when it holds them already.

    Raises
    ------
    BadInputError
        When a category does not exist; the message names the nearest ones that do. What does exist has been fetched.
    TransferError
        When the connection kept failing; the next run goes on from there.
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
    categories = _choose(settings.categories, SAMPLE_CATEGORIES)
    request = _request(settings, categories, "made by atelier.data.sample_drawings", SAMPLE_LICENCE)
    sources.make(folder, request, partial(_write_sample, categories=categories, settings=settings))


def _write_sample(folder: Path, categories: list[str], settings: QuickdrawFetch) -> None:
    for category in categories:
        with (folder / f"{category}.ndjson").open("wb") as file:
            file.writelines(draw_lines(category, settings.items_per_category or 0, settings.seed))


def _fetch_files(folder: Path, settings: QuickdrawFetch) -> None:
    base = settings.mirror.rstrip("/") + "/quickdraw" if settings.source == "mirror" and settings.mirror else ORIGIN
    address = f"{base}/{settings.format}"
    there = _files_at(address, settings)
    known = there if settings.categories == "all" else {*there, *all_categories()}
    categories = _choose(settings.categories, known)
    names = [there.get(category, f"{category}{EXTENSIONS[settings.format][0]}") for category in categories]
    web = address.startswith(("http://", "https://"))
    addresses = {name: f"{address}/{quote(name) if web else name}" for name in names}
    request = _request(settings, categories, address, LICENCE)
    source = sources.fetch(folder, request, addresses, lines=_lines(settings))
    if source.problems:
        had = [category for category, name in there.items() if name not in source.problems]
        missing = "; ".join(sources.nearest(_category(name), had) for name in source.problems)
        raise BadInputError(f"{address} lacks {missing} Change quickdraw.fetch.categories.")


def _files_at(address: str, settings: QuickdrawFetch) -> dict[str, str]:
    """Category → file name: listed where a folder can be, else as Google publishes them."""
    extensions = EXTENSIONS[settings.format]
    if settings.source == "mirror" and (settings.categories == "all" or "://" not in address):
        return {_category(name): name for name in sources.list_files(address, extensions)}
    return {category: f"{category}{extensions[0]}" for category in all_categories()}


def _lines(settings: QuickdrawFetch) -> int | None:
    """Lines to download: arrays and compressed files are fetched whole, and cut when they are prepared."""
    plain_text = settings.format == "simplified" or (settings.format == "raw" and settings.source == "origin")
    return settings.items_per_category if plain_text else None


def _choose(wanted: Iterable[str], known: Iterable[str]) -> list[str]:
    """The categories wanted, sorted; an error that names the nearest ones for any that is not known."""
    if wanted == "all":
        return sorted(known)
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        hints = "; ".join(sources.nearest(name, known) for name in unknown)
        raise BadInputError(f"There is no Quick, Draw! category {hints} Change quickdraw.fetch.categories.")
    return sorted(wanted)


def _request(settings: QuickdrawFetch, categories: list[str], address: str, licence: str) -> sources.Request:
    parameters = {
        "format": settings.format,
        "categories": categories,
        "items_per_category": settings.items_per_category,
        **({"seed": settings.seed} if settings.source == "sample" else {}),
    }
    return sources.Request(
        dataset="quickdraw", kind=settings.source, address=address, licence=licence, parameters=parameters
    )


def _category(name: str) -> str:
    return name.removesuffix(".gz").removesuffix(".ndjson").removesuffix(".npy")
