"""Prepare any data set of images: decode, check, resize and split them, and drop near duplicates."""

import hashlib
import logging
import math
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from pydantic import Field
from rich.progress import track

from atelier.atomic_folders import rebuilt, recover
from atelier.data.download.source import Source
from atelier.data.ingest.decode import Checks, Decoded, decode_archive, read_decoded, read_items
from atelier.data.ingest.near_duplicates import Duplicates, ItemIndex, NearDuplicates
from atelier.data.prepared.dataset import PreparedData
from atelier.data.prepared.shards import ShardBuilder, ShardSummary
from atelier.data.prepared.splits import Fractions
from atelier.data.quarantine import Problem, Quarantine, check_bad_fraction, check_no_empty_split
from atelier.errors import AtelierError
from atelier.preprocessing.spec import PhotoInput
from atelier.settings import Settings
from pipelines.prepare.manifest import write_manifest
from pipelines.processes.cores import cores
from pipelines.processes.worker import end_with_parent


class ImagesPrepare(Settings):
    """How image files become images of one size, and what happens to unusable files."""

    size: int = Field(ge=16, le=1024)
    """Pixels per side: the largest centred square, resized."""
    checks: Checks
    """What makes a file unusable."""
    near_duplicate_bits: int = Field(ge=0, le=127)
    """Images are near duplicates when at most so many of the 256 bits of their perceptual hashes differ."""
    fractions: Fractions
    max_bad_fraction: float = Field(ge=0, le=1)
    """Fraction of unusable files above which the run stops."""
    workers: int | None = Field(ge=1)
    """Processes that decode; None: one per core. Does not affect the result."""


log = logging.getLogger(__name__)

VERSION = 2
"""Increase it when the same raw data and settings give other images than before."""
FINGERPRINT_FILE = "MADE_FROM"
"""Holds the fingerprint of what an unfinished folder of decoded archives was decoded from."""


def prepare(raw: Path, folder: Path, reports: Path, settings: ImagesPrepare) -> PreparedData:
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

    Raises
    ------
    BadInputError
        When a raw file is not the one that was fetched, too many images are unusable, or a split has no image.
        `folder` stays unchanged.
    """
    recover(folder)
    source = Source.read(raw)
    fingerprint = _fingerprint(raw, settings)
    up_to_date = PreparedData(folder).is_up_to_date(fingerprint)
    source.check_files(raw, check_hashes=not up_to_date)
    if up_to_date:
        return PreparedData(folder)
    archives = [raw / name for name in source.files if name.endswith(".tar")]
    decoding = _decoding_folder(folder, fingerprint)
    _decode(archives, decoding, settings)
    with Quarantine(reports / "quarantine.jsonl") as quarantine, rebuilt(folder) as building:
        summary = _build(archives, decoding, building, source, settings, quarantine)
        preprocessing = PhotoInput(size=(settings.size, settings.size))
        manifest = write_manifest(building, raw, summary, (), quarantine.counts, preprocessing, fingerprint)
    shutil.rmtree(decoding)
    prepared, rejected = sum(summary.per_label.values()), sum(quarantine.counts.values())
    log.info("Prepared %s images of %s, left out %d", f"{prepared:,}", manifest.dataset, rejected)
    return PreparedData(folder)


def _fingerprint(raw: Path, settings: ImagesPrepare) -> str:
    digest = hashlib.sha256(f"{VERSION}\n{settings.model_dump_json(exclude={'workers'})}\n".encode())
    digest.update((raw / "SOURCE.json").read_bytes())
    return digest.hexdigest()


def _decoding_folder(folder: Path, fingerprint: str) -> Path:
    """The folder of decoded archives; archives decoded from other data or with other settings are deleted."""
    decoding = folder.with_name(f".{folder.name}.decoding")
    note = decoding / FINGERPRINT_FILE
    if not note.exists() or note.read_text(encoding="utf-8") != fingerprint:
        shutil.rmtree(decoding, ignore_errors=True)
        decoding.mkdir(parents=True)
        note.write_text(fingerprint, encoding="utf-8")
    return decoding


def _decode(archives: Sequence[Path], decoding: Path, settings: ImagesPrepare) -> None:
    """Decode all archives, in several processes where there are several archives and cores."""
    remaining = [archive for archive in archives if read_decoded(archive, decoding) is None]
    workers = min(settings.workers or cores(), len(remaining))
    if workers <= 1:
        for archive in track(remaining, "Decoding", transient=True):
            decode_archive(archive, decoding, settings.size, settings.checks)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads of this process hold
    with ProcessPoolExecutor(workers, context, end_with_parent, (os.getpid(),)) as pool:
        jobs = [pool.submit(decode_archive, archive, decoding, settings.size, settings.checks) for archive in remaining]
        try:
            for job in track(as_completed(jobs), "Decoding", len(jobs), transient=True):
                job.result()
        except BrokenProcessPool as error:
            raise AtelierError(
                "A decoding process was killed, perhaps because memory ran out. Run it again: it continues from there."
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _build(
    archives: Sequence[Path],
    decoding: Path,
    building: Path,
    source: Source,
    settings: ImagesPrepare,
    quarantine: Quarantine,
) -> ShardSummary:
    """Write the shards of all images that are kept, and quarantine the others with their reasons."""
    quarantine.add(Problem(name, None, "missing file", reason) for name, reason in source.problems.items())
    collected, bad = NearDuplicates(settings.near_duplicate_bits), 0
    read = lru_cache(maxsize=8)(partial(_read_decoded, decoding=decoding))
    for decoded in map(read, archives):
        quarantine.add(Problem(failure.name, None, failure.reason, failure.detail) for failure in decoded.failures)
        bad += len(decoded.failures)
        collected.add(decoded)
    check_bad_fraction(bad, bad + len(collected), settings.max_bad_fraction, quarantine.path)
    duplicates = collected.find(settings.fractions)
    shape = (settings.size, settings.size, 3)
    expected_bytes = len(collected) * math.prod(shape)
    builder = ShardBuilder(building, (), shape, expected_bytes, settings.fractions, quarantine.add)
    for number, archive in enumerate(archives):
        kept = duplicates.kept(number)
        images = read_items(archive, decoding, len(kept), settings.size)
        positions = [item.position for item, keep in zip(read(archive).items, kept, strict=True) if keep]
        builder.add(images[kept], duplicates.identities(number), 0, archive.name, positions)
        quarantine.add(_duplicate_problems(archives, read, duplicates, number))
    summary = builder.finish()
    check_no_empty_split(summary.counts)
    return summary


def _duplicate_problems(
    archives: Sequence[Path], read: Callable[[Path], Decoded], duplicates: Duplicates, number: int
) -> Iterator[Problem]:
    """The reason for each image of an archive that is not kept."""
    items = read(archives[number]).items
    for row in np.flatnonzero(~duplicates.kept(number)):
        original, exact = duplicates.original_of(ItemIndex(number, int(row)))
        name = read(archives[original.archive]).items[original.row].name
        reason = "duplicate" if exact else "near duplicate"
        yield Problem(items[row].name, None, reason, f"looks like {name}, which is kept")


def _read_decoded(archive: Path, decoding: Path) -> Decoded:
    decoded = read_decoded(archive, decoding)
    if decoded is None:
        raise AtelierError(f"{decoding} was changed while {archive} was read from it. Run it again.")
    return decoded
