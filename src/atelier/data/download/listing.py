"""List the files of a local or remote folder, and suggest names close to one that is not in it."""

from collections.abc import Iterable
from difflib import get_close_matches
from urllib.parse import unquote

from atelier.data.download.open_remote import file_system
from atelier.errors import BadInputError


class UnlistedError(BadInputError):
    """A folder cannot be listed, or holds no matching file."""


def list_files(address: str, suffixes: Iterable[str]) -> list[str]:
    """Names of the files with one of these suffixes in a folder, which is a path or any URL that can be listed.

    Over HTTP the folder needs an index page. Names are percent-decoded: `alarm clock.npy`.

    Raises
    ------
    UnlistedError
        When the folder cannot be listed, or holds no such file.
    BadInputError
        When no installed package reads such addresses.
    """
    system, path = file_system(address)
    try:
        entries = system.ls(path, detail=False)
    except Exception as error:  # each file system raises its own types
        raise UnlistedError(f"{address} cannot be listed ({error}). Is the mirror's address right?") from error
    names = {entry.rstrip("/").rpartition("/")[2] for entry in entries}
    if is_web(address):
        names = {unquote(name) for name in names}
    matching = sorted(name for name in names if name.endswith(tuple(suffixes)))
    if not matching:
        raise UnlistedError(f"{address} holds no file ending in {' or '.join(suffixes)}.")
    return matching


def find_files(address: str, suffixes: Iterable[str]) -> list[str]:
    """Paths, relative to a folder, of the files with one of these suffixes in upper or lower case.

    Includes files in subfolders, except at web addresses: links of index pages can lead anywhere.

    Raises
    ------
    UnlistedError
        When the folder cannot be listed, or holds no such file.
    BadInputError
        When no installed package reads such addresses.
    """
    lower = tuple(suffixes)
    if is_web(address):
        return list_files(address, (*lower, *(suffix.upper() for suffix in lower)))
    system, path = file_system(address)
    try:
        if not system.isdir(path):
            raise UnlistedError(f"There is no folder {address}. Is the mirror's address right?")
        names = [str(entry)[len(path.rstrip("/")) + 1 :] for entry in system.find(path)]
    except OSError as error:
        raise UnlistedError(f"{address} cannot be listed ({error}). Is the mirror's address right?") from error
    matching = sorted(name for name in names if name.lower().endswith(lower))
    if not matching:
        raise UnlistedError(f"{address} holds no file ending in {' or '.join(lower)}.")
    return matching


def is_web(address: str) -> bool:
    """Whether this is a web address, in which names are percent-encoded."""
    return address.startswith(("http://", "https://"))


def suggest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the name, and the known names close to it."""
    known = sorted(known)
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"{name!r}; did you mean {' or '.join(map(repr, close))}?"
    some = ", ".join(map(repr, known[:5]))
    return f"{name!r}; there {'is' if len(known) == 1 else 'are'} {some or 'none'}{', …' if len(known) > 5 else '.'}"
