"""Prepare Quick, Draw! drawings of any format as bitmaps of 28 x 28 (or any other) pixels."""

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from atelier.atomic_folders import rebuilt, recover
from atelier.data.download.source import Source
from atelier.data.ingest.quickdraw import BITMAP_SIZE, Batch, read_drawings
from atelier.data.ingest.quickdraw_names import category_of
from atelier.data.prepared.dataset import PreparedData
from atelier.data.prepared.shard_files import ShardSummary
from atelier.data.prepared.shards import ShardBuilder
from atelier.data.prepared.splits import Fractions
from atelier.data.quarantine import (
    Problem,
    Quarantine,
    check_bad_fraction,
    check_no_empty_class,
    check_no_empty_split,
)
from atelier.errors import BadInputError
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.spec import DrawingInput
from atelier.preprocessing.strokes import Drawing
from atelier.settings import Settings
from pipelines.prepare.manifest import write_manifest


class QuickdrawPrepare(Settings):
    """How drawings become bitmaps, and what happens to unusable drawings."""

    bitmap: DrawingInput
    """Size, pen width and padding; also written to the card of a model that is trained on the bitmaps."""
    fractions: Fractions
    max_bad_fraction: float = Field(ge=0, le=1)
    """Fraction of unusable drawings above which the run stops."""
    recognized_only: bool
    """Skip drawings that the game did not recognise (bitmaps do not say)."""


log = logging.getLogger(__name__)

VERSION = 4
"""Increase it when the same raw data and settings give other bitmaps than before."""


def prepare(raw: Path, folder: Path, reports: Path, settings: QuickdrawPrepare) -> PreparedData:
    """Read, check, draw, deduplicate and split all drawings. Does nothing where nothing has changed.

    Parameters
    ----------
    raw
        Folder with `SOURCE.json` and a file for each category.
    folder
        Becomes the prepared data, in one atomic step.
    reports
        Folder for `quarantine.jsonl`.

    Raises
    ------
    BadInputError
        When a raw file is not the one that was fetched, too many drawings are unusable, or a class or a split has no
        drawing. `folder` stays unchanged.
    """
    recover(folder)
    source = Source.read(raw)
    fingerprint = _fingerprint(raw, settings)
    up_to_date = PreparedData(folder).is_up_to_date(fingerprint)
    source.check_files(raw, check_hashes=not up_to_date)
    if up_to_date:
        return PreparedData(folder)
    if source.request.parameters["format"] == "numpy_bitmap" and settings.bitmap.size != BITMAP_SIZE:
        raise BadInputError("Published bitmaps are 28 x 28: set quickdraw.prepare.bitmap.size to 28, or use strokes.")
    with Quarantine(reports / "quarantine.jsonl") as quarantine, rebuilt(folder) as building:
        summary, tally = _build(raw, building, source, settings, quarantine)
        check_bad_fraction(tally.bad, tally.total, settings.max_bad_fraction, quarantine.path)
        check_no_empty_class(summary.per_label, quarantine.path, _missing(source))
        check_no_empty_split(summary.counts)
        rejected = quarantine.counts + Counter({"not recognised": tally.skipped})
        manifest = write_manifest(building, raw, summary, _labels(source), rejected, settings.bitmap, fingerprint)
    log.info("Prepared %s drawings of %d categories", f"{sum(summary.per_label.values()):,}", len(manifest.labels))
    return PreparedData(folder)


def _missing(source: Source) -> dict[str, str]:
    """Category → why there is no file of it."""
    return {category_of(name): reason for name, reason in source.problems.items()}


def _labels(source: Source) -> tuple[str, ...]:
    """The classes: the categories that were requested by name or, where all were requested, those that exist."""
    categories, missing = source.request.parameters["categories"], _missing(source)
    if source.request.parameters.get("named", True):
        return tuple(categories)
    return tuple(category for category in categories if category not in missing)


@dataclass
class _Tally:
    """Counts of the drawings that were read."""

    total: int = 0
    bad: int = 0
    skipped: int = 0

    def count(self, batch: Batch) -> None:
        bad = sum(problem.items for problem in batch.problems)
        self.bad += bad
        self.skipped += batch.skipped
        self.total += len(batch.positions) + bad + batch.skipped


def _build(
    raw: Path, building: Path, source: Source, settings: QuickdrawPrepare, quarantine: Quarantine
) -> tuple[ShardSummary, _Tally]:
    labels = _labels(source)
    size = settings.bitmap.size
    expected_bytes = 2 * sum(file.size for file in source.files.values())
    builder = ShardBuilder(building, labels, (size, size), expected_bytes, settings.fractions, quarantine.add)
    quarantine.add(Problem(name, None, "missing category", reason) for name, reason in source.problems.items())
    tally = _Tally()
    for name in source.files:
        label = labels.index(category_of(name))
        for batch in read_drawings(raw / name, source.request, settings.recognized_only):
            quarantine.add(batch.problems)
            tally.count(batch)
            builder.add(_bitmaps(batch, settings), batch.identities, label, name, batch.positions)
    return builder.finish(), tally


def _bitmaps(batch: Batch, settings: QuickdrawPrepare) -> NDArray[np.uint8]:
    if isinstance(batch.items, np.ndarray):
        return batch.items
    bitmap = settings.bitmap
    return rasterize(cast(list[Drawing], batch.items), bitmap.size, bitmap.line_diameter, bitmap.padding)


def _fingerprint(raw: Path, settings: QuickdrawPrepare) -> str:
    digest = hashlib.sha256(f"{VERSION}\n{settings.model_dump_json()}\n".encode())
    digest.update((raw / "SOURCE.json").read_bytes())
    return digest.hexdigest()
