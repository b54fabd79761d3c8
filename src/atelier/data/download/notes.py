"""What was seen of a raw folder and its source on this machine: `.<name>.notes.json`, beside the folder.

A raw folder holds no dates, so that equal files give an equal folder. The notes are about this copy only; without them,
files are hashed again.
"""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError

from atelier.atomic_files import digest, write_atomically
from atelier.data.download.open_remote import FileVersion
from atelier.settings import Settings

_FRESH_NS = 2_000_000_000
"""A file that was changed so recently may change again without a new time stamp: its hash is not noted."""

Stamp = tuple[int, int, int]
"""Size, and times of the last changes of content and of the file's entry, in nanoseconds."""


class RawNotes(Settings):
    """The content of the notes."""

    hashed: dict[str, tuple[Stamp, str]] = Field(default_factory=dict)
    """File → its stamp when it was hashed, and its SHA-256."""
    versions: dict[str, FileVersion] = Field(default_factory=dict)
    """File → version of its source when it was fetched."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """The notes in a file; empty where there are none."""
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValidationError):
            return cls()

    def write(self, path: Path) -> None:
        """Write the notes where they have changed."""
        if self != self.read(path):
            write_atomically(path, self.model_dump_json())


def notes_path(folder: Path) -> Path:
    """The file of the notes about a raw folder."""
    return folder.with_name(f".{folder.name}.notes.json")


def sha256_of_files(folder: Path, names: Iterable[str], again: bool = False) -> dict[str, str | None]:
    """SHA-256 of files of a raw folder; None where a file is missing.

    Parameters
    ----------
    again
        Hash every file. Otherwise a file is hashed only when its size or a time stamp is not the noted one.
    """
    notes = RawNotes.read(notes_path(folder))
    found: dict[str, str | None] = {}
    hashed: dict[str, tuple[Stamp, str]] = {}
    for name in names:
        path = folder / name
        if not path.is_file():
            found[name] = None
            continue
        stamp, noted = _stamp(path), notes.hashed.get(name)
        known = noted[1] if noted and noted[0] == stamp and not again else None
        found[name] = content = known or digest(path, "sha256")
        if known or time.time_ns() - max(stamp[1:]) > _FRESH_NS:
            hashed[name] = (stamp, content)
    notes.model_copy(update={"hashed": hashed}).write(notes_path(folder))
    return found


def changed_at_source(
    path: Path, versions: Mapping[str, FileVersion], sizes: Mapping[str, int] | None = None
) -> set[str]:
    """Names whose source has another version than the noted one.

    Parameters
    ----------
    path
        The file of the notes.
    versions
        Name → version now. A name without a note is compared by its size alone, and then noted.
    sizes
        Name → bytes of the file in the folder, where it is a whole copy of its source.
    """
    notes, sizes = RawNotes.read(path), sizes or {}
    changed, new = set(), {}
    for name, version in versions.items():
        if name in notes.versions:
            if notes.versions[name] != version:
                changed.add(name)
        elif name in sizes and version.size is not None and sizes[name] != version.size:
            changed.add(name)
        else:
            new[name] = version
    notes.model_copy(update={"versions": {**notes.versions, **new}}).write(path)
    return changed


def note_versions(path: Path, versions: Mapping[str, FileVersion]) -> None:
    """Note the versions from which a folder was fetched; without any, the notes stay as they are."""
    if versions:
        RawNotes.read(path).model_copy(update={"versions": dict(versions)}).write(path)


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
