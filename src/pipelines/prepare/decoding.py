"""Decode all archives of a raw folder, in several processes where there are several archives and cores."""

import multiprocessing
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from rich.progress import track

from atelier.data.ingest.decode import Checks, Square, decode_archive, read_decoded
from atelier.errors import AtelierError
from pipelines.processes.cores import cores
from pipelines.processes.worker import end_with_parent

FINGERPRINT_FILE = "MADE_FROM"
"""Holds the fingerprint of what an unfinished folder of decoded archives was decoded from."""


def decoding_folder(folder: Path, fingerprint: str) -> Path:
    """The folder of decoded archives; archives decoded from other data or with other settings are deleted."""
    decoding = folder.with_name(f".{folder.name}.decoding")
    note = decoding / FINGERPRINT_FILE
    if not note.exists() or note.read_text(encoding="utf-8") != fingerprint:
        shutil.rmtree(decoding, ignore_errors=True)
        decoding.mkdir(parents=True)
        note.write_text(fingerprint, encoding="utf-8")
    return decoding


def decode_all(
    archives: Sequence[Path], decoding: Path, size: int, checks: Checks, workers: int | None, square: Square
) -> None:
    """Decode all archives that are not decoded yet.

    Parameters
    ----------
    decoding
        Folder of the decoded archives.
    size, checks, square
        As for `decode_archive`.
    workers
        Processes that decode; None: one per core.

    Raises
    ------
    AtelierError
        When a process was killed. The next call continues from there.
    """
    remaining = [archive for archive in archives if read_decoded(archive, decoding) is None]
    workers = min(workers or cores(), len(remaining))
    if workers <= 1:
        for archive in track(remaining, "Decoding", transient=True):
            decode_archive(archive, decoding, size, checks, square)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads of this process hold
    with ProcessPoolExecutor(workers, context, end_with_parent, (os.getpid(),)) as pool:
        jobs = [pool.submit(decode_archive, archive, decoding, size, checks, square) for archive in remaining]
        try:
            for job in track(as_completed(jobs), "Decoding", len(jobs), transient=True):
                job.result()
        except BrokenProcessPool as error:
            raise AtelierError(
                "A decoding process was killed, perhaps because memory ran out. Run it again: it continues from there."
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)
