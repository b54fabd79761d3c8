"""List the files of a local or remote folder, and suggest names close to one that is not in it."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from atelier.data.download.open_remote import file_system
from atelier.errors import BadInputError
from atelier.relative_names import is_inside

log = logging.getLogger(__name__)


class UnlistedError(BadInputError):
    """A folder cannot be listed, or holds no matching file."""


def list_files(address: str, suffixes: Sequence[str]) -> list[str]:
    """Names of the files with one of these suffixes, in upper or lower case, in a folder: a path or any URL.

    Over HTTP the folder needs an index page. Names are percent-decoded: `alarm clock.npy`. Files that are passed over
    are counted in the log.

    Raises
    ------
    UnlistedError
        When the folder cannot be listed, or holds no such file.
    BadInputError
        When no installed package reads such addresses.
    """
    system, path = file_system(address)
    try:
        entries = system.ls(path, detail=True)
    except Exception as error:  # each file system raises its own types
        raise UnlistedError(f"{address} cannot be listed ({error}). Is the mirror's address right?") from error
    names = {_last_part(entry) for entry in entries if entry.get("type") != "directory"}
    if is_web(address):
        names = {unquote(name) for name in names}
    return _matching(address, names - {""}, suffixes)


def find_files(address: str, suffixes: Sequence[str]) -> list[str]:
    """Paths, relative to a folder, of the files with one of these suffixes; otherwise as `list_files`.

    Includes files in subfolders, except at web addresses: links of index pages can lead anywhere.
    """
    if is_web(address):
        return list_files(address, suffixes)
    system, path = file_system(address)
    try:
        if not system.isdir(path):
            raise UnlistedError(f"There is no folder {address}. Is the mirror's address right?")
        names = {str(entry).removeprefix(path.rstrip("/")).removeprefix("/") for entry in system.find(path)}
    except OSError as error:
        raise UnlistedError(f"{address} cannot be listed ({error}). Is the mirror's address right?") from error
    return _matching(address, names, suffixes)


def is_web(address: str) -> bool:
    """Whether this is a web address, in which names are percent-encoded."""
    return address.startswith(("http://", "https://"))


def is_macos_companion(name: str) -> bool:
    """Whether a file holds macOS's notes about another file: `._cat.jpg`, or anything in a folder `__MACOSX`."""
    return any(part.startswith("._") or part == "__MACOSX" for part in name.split("/"))


def passed_over(name: str, suffixes: Sequence[str]) -> str | None:
    """Why a file is no data, in words that follow a number of files; None where it is data."""
    if is_macos_companion(name):
        return "that macOS adds (._*, __MACOSX)"
    if not is_inside(name):
        return "whose names are not usable (.., backslashes, control characters)"
    if not name.lower().endswith(tuple(suffixes)):
        return f"ending in {PurePosixPath(name).suffix or PurePosixPath(name).name}"
    return None


def _matching(address: str, names: Iterable[str], suffixes: Sequence[str]) -> list[str]:
    reasons = {name: passed_over(name, suffixes) for name in sorted(names)}
    matching = [name for name, reason in reasons.items() if reason is None]
    counts = Counter(reason for reason in reasons.values() if reason)
    if counts:
        listed = ", ".join(f"{count} {reason}" for reason, count in counts.most_common())
        log.warning("Of the files in %s, %d are passed over: %s", address, counts.total(), listed)
    if not matching:
        raise UnlistedError(f"{address} holds no file ending in {' or '.join(suffixes)}.")
    return matching


def _last_part(entry: dict[str, Any]) -> str:
    return str(entry["name"]).partition("?")[0].rpartition("/")[2]


def suggest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the name, and the known names close to it."""
    known = sorted(known)
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"{name!r}; did you mean {' or '.join(map(repr, close))}?"
    some = ", ".join(map(repr, known[:5]))
    return f"{name!r}; there {'is' if len(known) == 1 else 'are'} {some or 'none'}{', …' if len(known) > 5 else '.'}"
