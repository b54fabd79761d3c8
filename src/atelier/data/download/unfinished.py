"""The folder of a fetch that is not finished: what was fetched so far, kept where the fetch is interrupted."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from atelier.data.download.notes import changed_at_source, note_versions
from atelier.data.download.open_remote import FileVersion
from atelier.data.download.source import DataRequest, FetchedFile, Source
from atelier.errors import BadInputError

REQUEST_FILE = "FROM.json"
"""Holds the address that the files of an unfinished folder come from."""
NOTES_FILE = "NOTES.json"
"""Holds the versions of their sources."""


def open_unfinished(folder: Path, request: DataRequest, lines: int | None) -> Path:
    """The folder of files that are fetched so far; files from another address are deleted."""
    download = folder.with_name(f".{folder.name}.download")
    content = json.dumps({"address": request.address, "lines": lines})
    if not (download / REQUEST_FILE).exists() or (download / REQUEST_FILE).read_text(encoding="utf-8") != content:
        shutil.rmtree(download, ignore_errors=True)
        download.mkdir(parents=True)
        (download / REQUEST_FILE).write_text(content, encoding="utf-8")
    return download


def remove_outdated(download: Path, names: Iterable[str], versions: Mapping[str, FileVersion]) -> None:
    """Remove what an interrupted fetch got of files that have changed at their source since then."""
    changed = changed_at_source(download / NOTES_FILE, versions)
    for name in changed.intersection(names):
        (download / name).unlink(missing_ok=True)
        shutil.rmtree(download / f"{name}.files", ignore_errors=True)
    note_versions(download / NOTES_FILE, versions)


def reuse(
    folder: Path, download: Path, request: DataRequest, lines: int | None, names: Iterable[str]
) -> dict[str, FetchedFile]:
    """Link intact files of the raw folder from the same address into `download`; returns their descriptions."""
    try:
        old = Source.read(folder)
    except BadInputError:
        return {}
    if (old.request.address, old.lines) != (request.address, lines):
        return {}
    damaged = old.damaged_files(folder)
    reused = {}
    for name in sorted(names):
        file, target = old.files.get(name), download / name
        if file and not target.exists() and name not in damaged:
            _link(folder / name, target)
            reused[name] = file
    return reused


def _link(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:  # the file system has no hard links
        copy = target.with_name(f"{target.name}.part")
        shutil.copyfile(file, copy)
        copy.replace(target)


def remove_others(folder: Path, names: Iterable[str]) -> None:
    """Remove everything but these files: notes, partial files, and files of an earlier request."""
    keep = {folder / name for name in names}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path not in keep:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
