"""What a folder of files holds, wherever it is, and what was perhaps meant by a name that is not in it."""

from collections.abc import Iterable
from difflib import get_close_matches
from urllib.parse import unquote

from atelier.data.download.open_remote import file_system
from atelier.errors import BadInputError


class UnlistedError(BadInputError):
    """A folder that cannot be listed, or holds nothing of what was looked for."""


def list_files(address: str, suffixes: Iterable[str]) -> list[str]:
    """Names of the files with one of these suffixes in a folder: a path, or any URL whose folder can be listed.

    Over HTTP that takes an index page; the names come without percent signs: `alarm clock.npy`.

    Raises
    ------
    UnlistedError
        When the folder cannot be listed, or holds no such file.
    BadInputError
        When nothing installed reads such addresses.
    """
    system, path = file_system(address)
    try:
        entries = system.ls(path, detail=False)
    except Exception as error:  # every kind of file system has errors of its own
        raise UnlistedError(f"{address} cannot be listed ({error}). Is the mirror's address right?") from error
    names = {entry.rstrip("/").rpartition("/")[2] for entry in entries}
    if is_web(address):
        names = {unquote(name) for name in names}
    found = sorted(name for name in names if name.endswith(tuple(suffixes)))
    if not found:
        raise UnlistedError(f"{address} holds no file ending in {' or '.join(suffixes)}.")
    return found


def find_files(address: str, suffixes: Iterable[str]) -> list[str]:
    """Names of the files with one of these suffixes, in any case, relative to a folder: a path, or any URL.

    Folders inside it are looked into as well, but for web addresses, whose index pages may lead anywhere.

    Raises
    ------
    UnlistedError
        When the folder cannot be listed, or holds no such file.
    BadInputError
        When nothing installed reads such addresses.
    """
    wanted = tuple(suffixes)
    if is_web(address):
        return list_files(address, (*wanted, *(suffix.upper() for suffix in wanted)))
    system, path = file_system(address)
    try:
        if not system.isdir(path):
            raise UnlistedError(f"There is no folder {address}. Is the mirror's address right?")
        names = [str(entry)[len(path.rstrip("/")) + 1 :] for entry in system.find(path)]
    except OSError as error:
        raise UnlistedError(f"{address} cannot be listed ({error}). Is the mirror's address right?") from error
    found = sorted(name for name in names if name.lower().endswith(wanted))
    if not found:
        raise UnlistedError(f"{address} holds no file ending in {' or '.join(wanted)}.")
    return found


def is_web(address: str) -> bool:
    """Whether names are percent-encoded in such addresses."""
    return address.startswith(("http://", "https://"))


def nearest(name: str, known: Iterable[str]) -> str:
    """A name that does not exist, with the nearest ones that do: the end of a sentence."""
    known = sorted(known)
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"{name!r}; did you mean {' or '.join(map(repr, close))}?"
    some = ", ".join(map(repr, known[:5]))
    return f"{name!r}; there {'is' if len(known) == 1 else 'are'} {some or 'none'}{', …' if len(known) > 5 else '.'}"
