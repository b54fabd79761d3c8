"""Raw data: a list of files fetched from wherever they are, with a `SOURCE.json` that says what they are.

Knows no data set: who asks hands in names, addresses and a licence.
"""

import json
import logging
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

import fsspec
from pydantic import Field
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from atelier.data.folders import rebuilt, recover, replace_folder
from atelier.data.transfer import digest, transfer
from atelier.errors import BadInputError
from atelier.settings import Settings

log = logging.getLogger(__name__)

Kind = Literal["sample", "mirror", "origin"]


class Request(Settings):
    """What is wanted: equal requests give equal raw data."""

    dataset: str
    kind: Kind
    address: str
    """Where the files come from, for people to read."""
    licence: str
    parameters: dict[str, Any]
    """What else decides what the files hold: format, categories, seed."""


class FetchedFile(Settings):
    """One file as it lies in the raw folder."""

    size: int
    sha256: str
    md5: str


class Source(Settings):
    """`SOURCE.json`. Without a date, so that equal files give an equal folder."""

    request: Request
    files: dict[str, FetchedFile]
    problems: dict[str, str] = Field(default_factory=dict)
    """File that is missing → why."""

    def write(self, folder: Path) -> None:
        (folder / "SOURCE.json").write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The source of a raw folder.

        Raises
        ------
        BadInputError
            When nothing has been fetched into it.
        """
        path = folder / "SOURCE.json"
        if not path.exists():
            raise BadInputError(f"There is no raw data in {folder}. Fetch it with: kedro run --pipelines fetch")
        return cls.model_validate_json(path.read_text(encoding="utf-8"))


def is_fetched(folder: Path, request: Request, check_hashes: bool = False) -> bool:
    """Whether the folder holds, complete and intact, what the request asks for."""
    try:
        source = Source.read(folder)
    except (BadInputError, ValueError):
        return False
    if source.request != request or source.problems:
        return False
    return all(_intact(folder / name, file, check_hashes) for name, file in source.files.items())


def _intact(path: Path, file: FetchedFile, check_hash: bool) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    return not check_hash or digest(path, "sha256") == file.sha256


def make(folder: Path, request: Request, write: Callable[[Path], None]) -> Source:
    """Raw data that is made here: `write` puts the files into the folder it is given."""
    recover(folder)
    if is_fetched(folder, request):
        return Source.read(folder)
    with rebuilt(folder) as building:
        write(building)
        source = _describe(building, request, {})
        source.write(building)
    return source


def fetch(
    folder: Path,
    request: Request,
    files: Mapping[str, str],
    lines: int | None = None,
    together: int = 4,
    tries: int = 5,
    patience: float = 1.0,
) -> Source:
    """Fetch files into the raw folder, which changes all at once when everything has arrived.

    Interrupted, the same request goes on where it stopped; another request begins anew and replaces the folder.

    Parameters
    ----------
    files
        Name in the raw folder → address (https, or any URL or path that fsspec opens).
    lines
        Fetch only so many lines of each (uncompressed text) file.
    together
        Files fetched at the same time.
    tries, patience
        As for `transfer`.

    Raises
    ------
    BadInputError
        When not a single file is there.
    TransferError
        When a file that exists could not be fetched.
    """
    recover(folder)
    if is_fetched(folder, request):
        return Source.read(folder)
    arriving = _arriving_folder(folder, request)
    problems = _fetch_all(arriving, files, together, partial(transfer, tries=tries, patience=patience, lines=lines))
    if len(problems) == len(files):
        raise BadInputError(f"None of the {len(files)} files is at {request.address}; first: {next(iter(files), '')}.")
    for name in problems:
        log.warning("%s is not at %s", name, request.address)
    (arriving / "REQUEST.json").unlink()
    source = _describe(arriving, request, problems)
    source.write(arriving)
    replace_folder(arriving, folder)
    return source


def _arriving_folder(folder: Path, request: Request) -> Path:
    """Where files gather until all are there; what came for another request is thrown away."""
    arriving = folder.with_name(f".{folder.name}.arriving")
    note = arriving / "REQUEST.json"
    wanted = request.model_dump_json()
    if not note.exists() or note.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(arriving, ignore_errors=True)
        arriving.mkdir(parents=True)
        note.write_text(wanted, encoding="utf-8")
    return arriving


def _fetch_all(
    arriving: Path, files: Mapping[str, str], together: int, fetch_one: Callable[..., None]
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
                return f"not found at {files[name]}"
            finally:
                bar.remove_task(task)
            return None

        outcome = dict(zip(files, pool.map(one, files), strict=True))
    return {name: reason for name, reason in outcome.items() if reason}


def _describe(folder: Path, request: Request, problems: dict[str, str]) -> Source:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".part", ".version"))
    files = {
        path.relative_to(folder).as_posix(): FetchedFile(
            size=path.stat().st_size, sha256=digest(path, "sha256"), md5=digest(path, "md5")
        )
        for path in paths
    }
    return Source(request=request, files=files, problems=problems)


def list_files(address: str, suffixes: Iterable[str]) -> list[str]:
    """Names of the files with one of these suffixes in a folder: a path, or any URL whose folder can be listed.

    Raises
    ------
    BadInputError
        When the folder cannot be listed, or holds no such file.
    """
    try:
        system, path = fsspec.core.url_to_fs(address)
        names = {entry.rstrip("/").rpartition("/")[2] for entry in system.ls(path, detail=False)}
    except (OSError, ValueError, ImportError) as error:
        raise BadInputError(f"{address} cannot be listed ({error}). Is the mirror's address right?") from error
    found = sorted(name for name in names if name.endswith(tuple(suffixes)))
    if not found:
        raise BadInputError(f"{address} holds no file ending in {' or '.join(suffixes)}.")
    return found


def nearest(name: str, known: Iterable[str]) -> str:
    """A name that does not exist, with the nearest ones that do: a sentence without its beginning."""
    known = sorted(known)
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"{name!r}; did you mean {' or '.join(map(repr, close))}?"
    return f"{name!r}; there are {', '.join(map(repr, known[:5]))}{', …' if len(known) > 5 else '.'}"


def source_record(source: Source) -> dict[str, Any]:
    """A source as plain JSON types, for the manifest."""
    record: dict[str, Any] = json.loads(source.model_dump_json())
    return record
