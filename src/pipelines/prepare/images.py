"""Prepare any data set of images: decode, check, resize and split them, and drop near duplicates."""

import hashlib
import logging
import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from pydantic import Field

from atelier.atomic_folders import rebuilt, recover
from atelier.data.download.source import Source
from atelier.data.ingest.decode import Checks, Decoded, Square, read_decoded, read_items
from atelier.data.ingest.near_duplicates import Duplicates, ItemIndex, NearDuplicates
from atelier.data.prepared.dataset import PreparedData
from atelier.data.prepared.shard_files import ShardSummary
from atelier.data.prepared.shards import ShardBuilder
from atelier.data.prepared.splits import Fractions
from atelier.data.quarantine import Problem, Quarantine, check_bad_fraction, check_no_empty_split
from atelier.errors import AtelierError
from atelier.preprocessing.images import decode_square
from atelier.preprocessing.spec import PhotoInput, Preprocessing
from atelier.settings import Settings
from pipelines.prepare.decoding import decode_all, decoding_folder
from pipelines.prepare.descriptions import Descriptions
from pipelines.prepare.labels import check_labels
from pipelines.prepare.manifest import write_manifest


class ImagesPrepare(Settings):
    """How image files become images of one size, and what happens to unusable files."""

    size: int = Field(ge=16, le=1024)
    """Pixels per side of the square that an image becomes."""
    checks: Checks
    """What makes a file unusable."""
    near_duplicate_bits: int = Field(ge=0, le=127)
    """Images are near duplicates when at most so many of the 256 bits of their perceptual hashes differ."""
    fractions: Fractions
    max_bad_fraction: float = Field(ge=0, le=1)
    """Fraction of unusable files above which the run stops."""
    workers: int | None = Field(ge=1)
    """Processes that decode; None: one per core. Does not affect the result."""

    @property
    def photo_input(self) -> PhotoInput:
        """How an image becomes the largest centered square of this size."""
        return PhotoInput(size=(self.size, self.size))


@dataclass(frozen=True)
class ImageKind:
    """What is particular to one kind of images."""

    preprocessing: Preprocessing
    square: Square = decode_square
    """Makes a square image of a file. It is sent to other processes."""
    describe: Callable[[Sequence[str]], Descriptions] = lambda _: Descriptions()
    """Names of all usable images → their labels or attributes."""
    made_with: str = ""
    """Hash of what `square` reads, such as a network."""


log = logging.getLogger(__name__)

VERSION = 2
"""Increase it when the same raw data and settings give other images than before."""


def prepare(
    raw: Path, folder: Path, reports: Path, settings: ImagesPrepare, kind: ImageKind | None = None
) -> PreparedData:
    """Decode, check, crop, deduplicate and split all images. Does nothing where nothing has changed.

    After a kill, the next run continues with the archive it was at. Memory while decoding: one image per process, and
    about 64 bytes per image of the data set. The shards are built in buckets of bounded size.

    Parameters
    ----------
    raw
        Folder with `SOURCE.json` and archives of images.
    folder
        Becomes the prepared data, in one atomic step.
    reports
        Folder for `quarantine.jsonl`.
    kind
        None: images without labels, of which the largest centered square is used.

    Raises
    ------
    BadInputError
        When a raw file is not the one that was fetched, too many images are unusable, or a split has no image.
        `folder` stays unchanged.
    """
    recover(folder)
    source = Source.read(raw)
    kind = kind or ImageKind(settings.photo_input)
    fingerprint = _fingerprint(raw, settings, kind)
    up_to_date = PreparedData(folder).is_up_to_date(fingerprint)
    source.check_files(raw, check_hashes=not up_to_date)
    if up_to_date:
        return PreparedData(folder)
    archives = [raw / name for name in source.files if name.endswith(".tar")]
    decoding = decoding_folder(folder, fingerprint)
    decode_all(archives, decoding, settings.size, settings.checks, settings.workers, kind.square)
    with Quarantine(reports / "quarantine.jsonl") as quarantine, rebuilt(folder) as building:
        names = [item.name for archive in archives for item in _read_decoded(archive, decoding).items]
        known = kind.describe(names)
        summary = _build(archives, decoding, building, source, settings, known, quarantine)
        described = (known.labels.names, quarantine.counts, kind.preprocessing, fingerprint, known.attributes.names)
        manifest = write_manifest(building, raw, summary, *described)
    shutil.rmtree(decoding)
    prepared, rejected = sum(summary.per_label.values()), sum(quarantine.counts.values())
    log.info("Prepared %s images of %s, left out %d", f"{prepared:,}", manifest.dataset, rejected)
    return PreparedData(folder)


def _fingerprint(raw: Path, settings: ImagesPrepare, kind: ImageKind) -> str:
    made = f"{VERSION}\n{settings.model_dump_json(exclude={'workers'})}\n{kind.made_with}"
    digest = hashlib.sha256(made.encode())
    digest.update((raw / "SOURCE.json").read_bytes())
    return digest.hexdigest()


def _build(
    archives: Sequence[Path],
    decoding: Path,
    building: Path,
    source: Source,
    settings: ImagesPrepare,
    known: Descriptions,
    quarantine: Quarantine,
) -> ShardSummary:
    """Write the shards of all images that are kept, and quarantine the others with their reasons."""
    quarantine.add(Problem(name, None, "missing file", reason) for name, reason in source.problems.items())
    quarantine.add(known.attributes.problems)
    collected, bad = NearDuplicates(settings.near_duplicate_bits, known.compared), 0
    read = lru_cache(maxsize=8)(partial(_read_decoded, decoding=decoding))
    for decoded in map(read, archives):
        quarantine.add(Problem(failure.name, None, failure.reason, failure.detail) for failure in decoded.failures)
        bad += len(decoded.failures)
        names = [item.name for item in decoded.items]
        collected.add(decoded, known.values(names), known.groups(names))
    check_bad_fraction(bad, bad + len(collected), settings.max_bad_fraction, quarantine.path)
    duplicates = collected.find(settings.fractions)
    shape = (settings.size, settings.size, 3)
    expected_bytes = len(collected) * math.prod(shape)
    builder = ShardBuilder(
        building, known.labels.names, shape, expected_bytes, settings.fractions, quarantine.add, known.extra
    )
    for number, archive in enumerate(archives):
        kept, identities = duplicates.kept(number), duplicates.identities(number)
        images = read_items(archive, decoding, len(kept), settings.size)
        items = [item for item, keep in zip(read(archive).items, kept, strict=True) if keep]
        names, positions = [item.name for item in items], [item.position for item in items]
        fields = known.fields(names, identities)
        builder.add(images[kept], identities, known.label_numbers(names), archive.name, positions, **fields)
        quarantine.add(_duplicate_problems(archives, read, duplicates, number))
    summary = builder.finish()
    check_no_empty_split(summary.counts)
    check_labels(summary.counts, quarantine.path)
    return summary


def _duplicate_problems(
    archives: Sequence[Path], read: Callable[[Path], Decoded], duplicates: Duplicates, number: int
) -> Iterator[Problem]:
    """The reason for each image of an archive that is not kept."""
    items = read(archives[number]).items
    for row in np.flatnonzero(~duplicates.kept(number)):
        item = ItemIndex(number, int(row))
        original, exact = duplicates.original_of(item)
        name = read(archives[original.archive]).items[original.row].name
        if duplicates.is_conflicting(item):
            others = "others that look like it" if original == item else f"{name} or others that look like it"
            yield Problem(items[row].name, None, "conflicting label", f"{others} have other labels")
        else:
            reason = "duplicate" if exact else "near duplicate"
            yield Problem(items[row].name, None, reason, f"looks like {name}, which is kept")


def _read_decoded(archive: Path, decoding: Path) -> Decoded:
    decoded = read_decoded(archive, decoding)
    if decoded is None:
        raise AtelierError(f"{decoding} was changed while {archive} was read from it. Run it again.")
    return decoded
