"""Any data set of images: archives of files into prepared pictures of one size, without what looks alike."""

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
from atelier.data.ingest.near_duplicates import Found, Place, Twins
from atelier.data.prepared.dataset import PreparedData
from atelier.data.prepared.shards import Built, ShardBuilder
from atelier.data.prepared.splits import Fractions
from atelier.data.quarantine import Problem, Quarantine, check_bad_fraction, check_no_empty_split
from atelier.errors import AtelierError
from atelier.preprocessing.spec import PhotoInput
from atelier.settings import Settings
from pipelines.prepare.manifest import write_manifest
from pipelines.processes.cores import cores
from pipelines.processes.worker import end_with_parent


class ImagesPrepare(Settings):
    """How files become pictures of one size, and what is done with those that cannot."""

    size: int = Field(default=256, ge=16, le=1024)
    """Pixels a side: the largest square in the middle, resized."""
    checks: Checks = Checks()
    """What makes a file unusable."""
    look_alike_bits: int = Field(default=40, ge=0, le=127)
    """Of 256: pictures whose perceptual hashes differ in no more bits are taken for the same; see `lookalikes`."""
    fractions: Fractions = Fractions()
    max_bad_fraction: float = Field(default=0.05, ge=0, le=1)
    """Share of unusable files above which the run stops."""
    workers: int | None = Field(default=None, ge=1)
    """Processes that decode; None: one a core. Changes nothing else."""


log = logging.getLogger(__name__)

VERSION = 1
"""Raise it when the same raw data and settings give other pictures than before."""
NOTE = "MADE_FROM"
"""Says what an unfinished folder of decoded archives was decoded from."""


def prepare(raw: Path, folder: Path, reports: Path, settings: ImagesPrepare) -> PreparedData:
    """Decode, check, crop, deduplicate and split all images; at once when nothing has changed.

    Killed at any point, the next run goes on with the archive it was at. Memory while decoding: one image for each
    process, and some 64 bytes for each picture of the whole; the shards are built in buckets of bounded size.

    Parameters
    ----------
    raw
        Folder with `SOURCE.json` and archives of images.
    folder
        Becomes the prepared data, all at once.
    reports
        Where `quarantine.jsonl` goes.

    Raises
    ------
    BadInputError
        When too many images are unusable, or none of a split is left. `folder` stays as it was.
    """
    recover(folder)
    source = Source.read(raw)
    made_from = _fingerprint(raw, settings)
    if PreparedData(folder).is_made_from(made_from):
        return PreparedData(folder)
    archives = [raw / name for name in source.files if name.endswith(".tar")]
    decoding = _decoding_folder(folder, made_from)
    _decode(archives, decoding, settings)
    with Quarantine(reports / "quarantine.jsonl") as quarantine, rebuilt(folder) as building:
        built = _build(archives, decoding, building, source, settings, quarantine)
        preprocessing = PhotoInput(size=(settings.size, settings.size))
        manifest = write_manifest(building, raw, built, (), quarantine.counts, preprocessing, made_from)
    shutil.rmtree(decoding)
    left_out = sum(quarantine.counts.values())
    log.info("Prepared %s images of %s, left out %d", f"{sum(built.per_label.values()):,}", manifest.dataset, left_out)
    return PreparedData(folder)


def _fingerprint(raw: Path, settings: ImagesPrepare) -> str:
    digest = hashlib.sha256(f"{VERSION}\n{settings.model_dump_json(exclude={'workers'})}\n".encode())
    digest.update((raw / "SOURCE.json").read_bytes())
    return digest.hexdigest()


def _decoding_folder(folder: Path, made_from: str) -> Path:
    """Where decoded archives gather; what was decoded from something else is thrown away."""
    decoding = folder.with_name(f".{folder.name}.decoding")
    note = decoding / NOTE
    if not note.exists() or note.read_text(encoding="utf-8") != made_from:
        shutil.rmtree(decoding, ignore_errors=True)
        decoding.mkdir(parents=True)
        note.write_text(made_from, encoding="utf-8")
    return decoding


def _decode(archives: Sequence[Path], decoding: Path, settings: ImagesPrepare) -> None:
    """Decode all archives, in processes of their own where that is worth it."""
    left = [archive for archive in archives if read_decoded(archive, decoding) is None]
    workers = min(settings.workers or cores(), len(left))
    if workers <= 1:
        for archive in track(left, "Decoding", transient=True):
            decode_archive(archive, decoding, settings.size, settings.checks)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy this process's threads' locks
    with ProcessPoolExecutor(workers, context, end_with_parent, (os.getpid(),)) as pool:
        jobs = [pool.submit(decode_archive, archive, decoding, settings.size, settings.checks) for archive in left]
        try:
            for job in track(as_completed(jobs), "Decoding", len(jobs), transient=True):
                job.result()
        except BrokenProcessPool as error:
            raise AtelierError(
                "A decoding process was killed, perhaps for want of memory. Run it again: it goes on where it was."
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
) -> Built:
    """Write the shards of all pictures but twins, and what is wrong with the others."""
    quarantine.add(Problem(name, None, "missing file", reason) for name, reason in source.problems.items())
    twins, bad = Twins(settings.look_alike_bits), 0
    decoded_of = lru_cache(maxsize=8)(partial(_decoded, decoding=decoding))
    for decoded in map(decoded_of, archives):
        quarantine.add(Problem(each.name, None, each.reason, each.detail) for each in decoded.failures)
        bad += len(decoded.failures)
        twins.add(decoded)
    check_bad_fraction(bad, bad + len(twins), settings.max_bad_fraction, quarantine.path)
    found = twins.find()
    shape = (settings.size, settings.size, 3)
    builder = ShardBuilder(building, (), shape, len(twins) * math.prod(shape), settings.fractions, quarantine.add)
    for number, archive in enumerate(archives):
        staying = found.staying(number)
        pictures = read_items(archive, decoding, len(staying), settings.size)
        places = [item.place for item, stays in zip(decoded_of(archive).items, staying, strict=True) if stays]
        builder.add(pictures[staying], 0, archive.name, places)
        quarantine.add(_twin_problems(archives, decoded_of, found, number))
    built = builder.finish()
    check_no_empty_split(built.counts)
    return built


def _twin_problems(
    archives: Sequence[Path], decoded_of: Callable[[Path], Decoded], found: Found, number: int
) -> Iterator[Problem]:
    """Why each picture of an archive that does not stay is left out."""
    items = decoded_of(archives[number]).items
    for row in np.flatnonzero(~found.staying(number)):
        twin, same = found.twin_of(Place(number, int(row)))
        other = decoded_of(archives[twin.archive]).items[twin.row].name
        reason = "duplicate" if same else "near duplicate"
        yield Problem(items[row].name, None, reason, f"looks like {other}, which is kept")


def _decoded(archive: Path, decoding: Path) -> Decoded:
    decoded = read_decoded(archive, decoding)
    if decoded is None:
        raise AtelierError(f"{decoding} was changed while {archive} was read from it. Run it again.")
    return decoded
