"""Raw folders: files that are made here or fetched, and a `SOURCE.json` that describes them.

Independent of the data set: the caller passes names, addresses and a licence.
"""

import logging
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import MappingProxyType

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from atelier.atomic_folders import rebuilt, recover, replace_folder
from atelier.data.download import archives
from atelier.data.download.archives import ArchiveSpec
from atelier.data.download.notes import note_versions, notes_path
from atelier.data.download.open_remote import FileVersion
from atelier.data.download.source import DataRequest, FetchedFile, Source, find_source
from atelier.data.download.transfer import transfer
from atelier.data.download.unfinished import open_unfinished, remove_others, remove_outdated, reuse
from atelier.errors import BadInputError
from atelier.relative_names import is_inside

log = logging.getLogger(__name__)


def make(
    folder: Path, request: DataRequest, write: Callable[[Path], None], missing: Mapping[str, str] | None = None
) -> Source:
    """Fill a raw folder with files that are made here. Does nothing where the folder holds them already.

    Parameters
    ----------
    write
        Writes the files into the folder it is called with.
    missing
        File that cannot be made → reason.
    """
    recover(folder)
    missing = dict(missing or {})
    _warn(missing)
    source = find_source(folder, request)
    if source and source.problems == missing:
        return source
    with rebuilt(folder) as building:
        write(building)
        source = Source(request=request, files=_describe(building, {}), problems=missing)
        source.write(building)
    return source


def fetch(
    folder: Path,
    request: DataRequest,
    files: Mapping[str, str | ArchiveSpec],
    missing: Mapping[str, str] | None = None,
    lines: int | None = None,
    max_workers: int = 4,
    tries: int = 5,
    retry_delay: float = 1.0,
    finish: Callable[[Path], None] | None = None,
    versions: Mapping[str, FileVersion] = MappingProxyType({}),
) -> Source:
    """Fetch files into the raw folder, which is replaced in one atomic step when all files are fetched.

    Files that an earlier call fetched from the same address are reused, whether that call finished or was interrupted,
    and for whichever request. A file that does not exist is noted in `problems`; the next call tries it again.

    Parameters
    ----------
    files
        Name in the raw folder → address (https, or any URL or path that fsspec opens), or the specification of an
        archive.
    missing
        File that is known not to exist → reason.
    lines
        Number of lines to fetch of each (uncompressed text) file; None: all of them.
    max_workers
        Number of files that are fetched at the same time.
    tries, retry_delay
        As for `transfer`.
    finish
        Called with the folder when all files are fetched, to write further files.
    versions
        Name → version of its source now, of files and of anything else that the folder is made from. Where one has
        changed, the file is fetched again.

    Raises
    ------
    BadInputError
        When none of the files exists, or a name leads out of the folder.
    TransferError
        When a file that exists could not be fetched.
    """
    recover(folder)
    _check_names(files)
    missing = dict(missing or {})
    old, changed = _intact_and_changed(folder, request, versions)
    if old and old.problems.keys() <= missing.keys():
        _warn(old.problems)
        return old
    download = open_unfinished(folder, request, lines)
    remove_outdated(download, files, versions)
    reused = reuse(folder, download, request, lines, set(files) - changed)
    fetch_one = partial(_fetch_one, tries=tries, retry_delay=retry_delay, lines=lines)
    problems = missing | _fetch_all(download, files, max_workers, fetch_one)
    _warn(problems)
    if len(problems) == len(missing) + len(files):
        raise BadInputError(f"None of the {len(problems)} files is there. {next(iter(problems.values()), '')}")
    if old and old.problems == problems:
        shutil.rmtree(download)
        return old
    remove_others(download, files)
    if finish:
        finish(download)
    source = Source(request=request, lines=lines, files=_describe(download, reused), problems=problems)
    source.write(download)
    replace_folder(download, folder)
    note_versions(notes_path(folder), versions)
    return source


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not is_inside(name):
            raise BadInputError(f"{name!r} would be written outside of the raw folder. Nothing is fetched.")


def _intact_and_changed(
    folder: Path, request: DataRequest, versions: Mapping[str, FileVersion]
) -> tuple[Source | None, set[str]]:
    """The source of a folder that can stay as it is, else None; and the names that have changed at their source."""
    old = find_source(folder, request)
    try:
        known = old or Source.read(folder)
    except BadInputError:
        return None, set()
    if known.request.address != request.address:
        return None, set()
    changed = known.changed(folder, versions)
    if changed:
        names = ", ".join(sorted(changed)[:5]) + (", …" if len(changed) > 5 else "")
        log.warning("%s has changed (%s). What changed is fetched again.", request.address, names)
    return None if changed else old, changed


def _fetch_one(
    source: str | ArchiveSpec,
    target: Path,
    tries: int,
    retry_delay: float,
    lines: int | None,
    progress: Callable[[int, int | None], None],
) -> None:
    if isinstance(source, ArchiveSpec):
        archives.build_archive(source, target, tries, retry_delay, progress)
    else:
        transfer(source, target, tries, retry_delay, lines, progress)


def _warn(problems: Mapping[str, str]) -> None:
    for reason in problems.values():
        log.warning(reason)


def _fetch_all(
    download: Path,
    files: Mapping[str, str | ArchiveSpec],
    max_workers: int,
    fetch_one: Callable[..., None],
) -> dict[str, str]:
    """Fetch the files that are not in `download` yet; returns file → reason for those that do not exist."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), transient=True) as bar, ThreadPoolExecutor(max_workers) as pool:

        def fetch_if_missing(name: str) -> str | None:
            if (download / name).exists():
                return None
            task = bar.add_task(name, total=None)
            (download / name).parent.mkdir(parents=True, exist_ok=True)
            try:
                fetch_one(
                    files[name],
                    download / name,
                    progress=lambda done, size: bar.update(task, completed=done, total=size),
                )
            except FileNotFoundError:
                return f"There is nothing at {files[name]}."
            finally:
                bar.remove_task(task)
            return None

        outcome = dict(zip(files, pool.map(fetch_if_missing, files), strict=True))
    return {name: reason for name, reason in outcome.items() if reason}


def _describe(folder: Path, known: Mapping[str, FetchedFile]) -> dict[str, FetchedFile]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: known.get(name) or FetchedFile.describe(folder / name) for name in names}
