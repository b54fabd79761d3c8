"""Quick, Draw! drawings of any format into prepared 28 x 28 (or any size) pictures."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from atelier.atomic_folders import rebuilt, recover
from atelier.data.download.source import Source
from atelier.data.ingest.quickdraw import BITMAP_SIZE, Batch, category_of, read_bitmaps, read_raw, read_simplified
from atelier.data.prepared.dataset import PreparedData
from atelier.data.prepared.shards import Built, ShardBuilder
from atelier.data.prepared.splits import Fractions
from atelier.data.quarantine import (
    Problem,
    Quarantine,
    check_bad_fraction,
    check_no_empty_class,
    check_no_empty_split,
)
from atelier.errors import BadInputError
from atelier.preprocessing.raster import rasterise
from atelier.preprocessing.spec import DrawingInput
from atelier.preprocessing.strokes import Drawing
from atelier.settings import Settings
from pipelines.prepare.manifest import write_manifest


class QuickdrawPrepare(Settings):
    """How drawings become pictures, and what is done with those that cannot."""

    picture: DrawingInput = DrawingInput()
    """Size and pen; the same block travels in the model's card."""
    fractions: Fractions = Fractions()
    max_bad_fraction: float = Field(default=0.02, ge=0, le=1)
    """Share of unusable drawings above which the run stops."""
    recognized_only: bool = False
    """Leave out drawings that the game did not guess (not known for bitmaps)."""


log = logging.getLogger(__name__)

VERSION = 3
"""Raise it when the same raw data and settings give other pictures than before."""


def prepare(raw: Path, folder: Path, reports: Path, settings: QuickdrawPrepare) -> PreparedData:
    """Read, check, draw, deduplicate and split all drawings; at once when nothing has changed.

    Parameters
    ----------
    raw
        Folder with `SOURCE.json` and a file for each category.
    folder
        Becomes the prepared data, all at once.
    reports
        Where `quarantine.jsonl` goes.

    Raises
    ------
    BadInputError
        When too many drawings are unusable, or none of a class or of a split is left. `folder` stays as it was.
    """
    recover(folder)
    source = Source.read(raw)
    made_from = _fingerprint(raw, settings)
    if PreparedData(folder).is_made_from(made_from):
        return PreparedData(folder)
    if source.request.parameters["format"] == "numpy_bitmap" and settings.picture.size != BITMAP_SIZE:
        raise BadInputError("Published bitmaps are 28 x 28: set quickdraw.prepare.picture.size to 28, or use strokes.")
    with Quarantine(reports / "quarantine.jsonl") as quarantine, rebuilt(folder) as building:
        built, tally = _build(raw, building, source, settings, quarantine)
        check_bad_fraction(tally.bad, tally.seen, settings.max_bad_fraction, quarantine.path)
        check_no_empty_class(built.per_label, quarantine.path, _missing(source))
        check_no_empty_split(built.counts)
        rejected = quarantine.counts + Counter({"not recognised": tally.skipped})
        manifest = write_manifest(building, raw, built, _labels(source), rejected, settings.picture, made_from)
    log.info("Prepared %s drawings of %d categories", f"{sum(built.per_label.values()):,}", len(manifest.labels))
    return PreparedData(folder)


def _missing(source: Source) -> dict[str, str]:
    """Category → why there is no file of it."""
    return {category_of(name): reason for name, reason in source.problems.items()}


def _labels(source: Source) -> tuple[str, ...]:
    """The classes: those that were asked for by name or, where all were, those that are there."""
    categories, missing = source.request.parameters["categories"], _missing(source)
    if source.request.parameters.get("named", True):
        return tuple(categories)
    return tuple(category for category in categories if category not in missing)


@dataclass
class _Tally:
    """Drawings that were looked at."""

    seen: int = 0
    bad: int = 0
    skipped: int = 0

    def count(self, batch: Batch) -> None:
        bad = sum(problem.items for problem in batch.problems)
        self.bad += bad
        self.skipped += batch.skipped
        self.seen += len(batch.places) + bad + batch.skipped


def _build(
    raw: Path, building: Path, source: Source, settings: QuickdrawPrepare, quarantine: Quarantine
) -> tuple[Built, _Tally]:
    labels = _labels(source)
    size = settings.picture.size
    expected = 2 * sum(file.size for file in source.files.values())
    builder = ShardBuilder(building, labels, (size, size), expected, settings.fractions, quarantine.add)
    quarantine.add(Problem(name, None, "missing category", reason) for name, reason in source.problems.items())
    tally = _Tally()
    for name in source.files:
        label = labels.index(category_of(name))
        for batch in _read(raw / name, source, settings):
            quarantine.add(batch.problems)
            tally.count(batch)
            builder.add(_pictures(batch, settings), label, name, batch.places)
    return builder.finish(), tally


def _read(path: Path, source: Source, settings: QuickdrawPrepare) -> Iterator[Batch]:
    parameters = source.request.parameters
    limit = parameters["items_per_category"]
    if parameters["format"] == "numpy_bitmap":
        return read_bitmaps(path, BITMAP_SIZE, limit)
    read = read_raw if parameters["format"] == "raw" else read_simplified
    return read(path, category_of(path.name), limit, settings.recognized_only)


def _pictures(batch: Batch, settings: QuickdrawPrepare) -> NDArray[np.uint8]:
    if isinstance(batch.items, np.ndarray):
        return batch.items
    picture = settings.picture
    return rasterise(cast(list[Drawing], batch.items), picture.size, picture.line_diameter, picture.padding)


def _fingerprint(raw: Path, settings: QuickdrawPrepare) -> str:
    digest = hashlib.sha256(f"{VERSION}\n{settings.model_dump_json()}\n".encode())
    digest.update((raw / "SOURCE.json").read_bytes())
    return digest.hexdigest()
