"""Raw data: a list of files made here or fetched from wherever they are, with a `SOURCE.json` that says what they are.

Knows no data set: who asks hands in names, addresses and a licence.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from atelier.atomic_folders import rebuilt, recover, replace_folder
from atelier.data.download import archives
from atelier.data.download.archives import Pack
from atelier.data.download.source import FetchedFile, Request, Source, find
from atelier.data.download.transfer import transfer
from atelier.errors import BadInputError

log = logging.getLogger(__name__)

NOTE = "FROM.json"
"""Says where the files of an unfinished folder come from."""


def make(
    folder: Path, request: Request, write: Callable[[Path], None], missing: Mapping[str, str] | None = None
) -> Source:
    """Raw data that is made here: `write` puts the files into the folder it is given.

    `missing` says what cannot be made: file → why.
    """
    recover(folder)
    missing = dict(missing or {})
    _warn(missing)
    source = find(folder, request)
    if source and source.problems == missing:
        return source
    with rebuilt(folder) as building:
        write(building)
        source = Source(request=request, files=_describe(building, {}), problems=missing)
        source.write(building)
    return source


def fetch(
    folder: Path,
    request: Request,
    files: Mapping[str, str] | Mapping[str, Pack],
    missing: Mapping[str, str] | None = None,
    lines: int | None = None,
    together: int = 4,
    tries: int = 5,
    patience: float = 1.0,
    finish: Callable[[Path], None] | None = None,
) -> Source:
    """Fetch files into the raw folder, which changes all at once when everything has arrived.

    What has arrived before from the same address is not fetched again, whether it lies in the folder or the fetching
    was interrupted, and whatever else was asked for then. A file that does not exist is noted in `problems`, and asked
    for again the next time.

    Parameters
    ----------
    files
        Name in the raw folder → address (https, or any URL or path that fsspec opens), or what to pack into an archive
        of that name.
    missing
        File that is known not to exist → why.
    lines
        Fetch only so many lines of each (uncompressed text) file.
    together
        Files fetched at the same time.
    tries, patience
        As for `transfer`.
    finish
        Called with the folder when all has arrived, to write what goes with the files.

    Raises
    ------
    BadInputError
        When not a single file is there.
    TransferError
        When a file that exists could not be fetched.
    """
    recover(folder)
    missing = dict(missing or {})
    old = find(folder, request)
    if old and old.problems.keys() <= missing.keys():
        _warn(old.problems)
        return old
    arriving = _arriving_folder(folder, request, lines)
    kept = _take_over(folder, arriving, request, lines, files, check_hashes=old is None)
    fetch_one = partial(_bring, tries=tries, patience=patience, lines=lines)
    problems = missing | _fetch_all(arriving, files, together, fetch_one)
    _warn(problems)
    if len(problems) == len(missing) + len(files):
        raise BadInputError(f"None of the {len(problems)} files is there. {next(iter(problems.values()), '')}")
    if old and old.problems == problems:
        shutil.rmtree(arriving)
        return old
    _remove_others(arriving, files)
    if finish:
        finish(arriving)
    source = Source(request=request, lines=lines, files=_describe(arriving, kept), problems=problems)
    source.write(arriving)
    replace_folder(arriving, folder)
    return source


def _bring(
    what: str | Pack,
    target: Path,
    tries: int,
    patience: float,
    lines: int | None,
    progress: Callable[[int, int | None], None],
) -> None:
    if isinstance(what, Pack):
        archives.bring(what, target, tries, patience, progress)
    else:
        transfer(what, target, tries, patience, lines, progress)


def _warn(problems: Mapping[str, str]) -> None:
    for reason in problems.values():
        log.warning(reason)


def _arriving_folder(folder: Path, request: Request, lines: int | None) -> Path:
    """Where files gather until all are there; what came from another address is thrown away."""
    arriving = folder.with_name(f".{folder.name}.arriving")
    note = json.dumps({"address": request.address, "lines": lines})
    if not (arriving / NOTE).exists() or (arriving / NOTE).read_text(encoding="utf-8") != note:
        shutil.rmtree(arriving, ignore_errors=True)
        arriving.mkdir(parents=True)
        (arriving / NOTE).write_text(note, encoding="utf-8")
    return arriving


def _take_over(
    folder: Path, arriving: Path, request: Request, lines: int | None, names: Iterable[str], check_hashes: bool
) -> dict[str, FetchedFile]:
    """Link into `arriving` what the raw folder holds intact from the same address; returns what these files are."""
    try:
        old = Source.read(folder)
    except BadInputError:
        return {}
    if (old.request.address, old.lines) != (request.address, lines):
        return {}
    kept = {}
    for name in names:
        file, target = old.files.get(name), arriving / name
        if file and not target.exists() and file.is_intact(folder / name, check_hashes):
            _link(folder / name, target)
            kept[name] = file
    return kept


def _link(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:  # a file system without hard links
        copy = target.with_name(f"{target.name}.part")
        shutil.copyfile(file, copy)
        copy.replace(target)


def _fetch_all(
    arriving: Path, files: Mapping[str, str] | Mapping[str, Pack], together: int, fetch_one: Callable[..., None]
) -> dict[str, str]:
    """Fetch what is not there yet; returns file → reason for those that do not exist."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), transient=True) as bar, ThreadPoolExecutor(together) as pool:

        def one(name: str) -> str | None:
            if (arriving / name).exists():
                return None
            task = bar.add_task(name, total=None)
            (arriving / name).parent.mkdir(parents=True, exist_ok=True)
            try:
                fetch_one(
                    files[name],
                    arriving / name,
                    progress=lambda done, size: bar.update(task, completed=done, total=size),
                )
            except FileNotFoundError:
                return f"There is nothing at {files[name]}."
            finally:
                bar.remove_task(task)
            return None

        outcome = dict(zip(files, pool.map(one, files), strict=True))
    return {name: reason for name, reason in outcome.items() if reason}


def _remove_others(folder: Path, names: Iterable[str]) -> None:
    """Remove what does not belong: notes, halves, and files that an earlier request asked for."""
    keep = {folder / name for name in names}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path not in keep:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _describe(folder: Path, known: Mapping[str, FetchedFile]) -> dict[str, FetchedFile]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: known.get(name) or FetchedFile.describe(folder / name) for name in names}
