"""One file from anywhere to here: goes on where it was cut off, tries again, and checks what arrived."""

import http.client
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from atelier.atomic_files import digest
from atelier.data.download.open_remote import Opened, open_at
from atelier.errors import AtelierError

PIECE = 1 << 18
_PASSING = (urllib.error.URLError, http.client.HTTPException, OSError, TimeoutError)
"""Errors that may be gone at the next try."""


class TransferError(AtelierError):
    """A file could not be fetched, after all tries."""


def transfer(
    address: str,
    target: Path,
    tries: int = 5,
    patience: float = 1.0,
    lines: int | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> None:
    """Fetch `address` (https or anything fsspec knows) to `target`, by way of `<target>.part`.

    Parameters
    ----------
    patience
        Seconds before the second try; doubled before each further one.
    lines
        Stop after so many lines of a text file; what follows is not downloaded. Such a file is not resumed.
    progress
        Called with the bytes there are and the bytes there will be.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    TransferError
        When the last try failed too, with its reason.
    """
    for attempt in range(1, tries + 1):
        try:
            _attempt(address, target, lines, progress)
            return
        except FileNotFoundError:
            raise
        except _PASSING as error:
            if attempt == tries or not _may_pass(error):
                raise TransferError(f"Fetching {address} failed {attempt} times; the last reason: {error}") from error
            time.sleep(patience * 2 ** (attempt - 1))


def _may_pass(error: Exception) -> bool:
    """Whether trying again makes sense: not after a refusal such as 403."""
    return not isinstance(error, urllib.error.HTTPError) or error.code in (408, 416, 425, 429) or error.code >= 500


def _attempt(address: str, target: Path, lines: int | None, progress: Callable[[int, int | None], None] | None) -> None:
    part, version = target.with_name(target.name + ".part"), target.with_name(target.name + ".version")
    resumable = part.exists() and version.exists() and lines is None
    offset = part.stat().st_size if resumable else 0
    with open_at(address, offset, version.read_text() if offset else "") as source:
        version.write_text(source.version)
        done = source.offset
        with part.open("ab" if source.offset else "wb") as out:
            for piece in _pieces(source.stream, lines):
                out.write(piece)
                done += len(piece)
                if progress:
                    progress(done, source.size)
        if lines is None or _count_lines(part) < lines:
            _check(part, source)
    part.replace(target)
    version.unlink()


def _pieces(stream: BinaryIO, lines: int | None) -> Iterator[bytes]:
    """What the stream holds, to its end or to the end of that many lines."""
    while piece := stream.read(PIECE):
        if lines is not None:
            if piece.count(b"\n") >= lines:
                yield piece[: _end_of_line(piece, lines)]
                return
            lines -= piece.count(b"\n")
        yield piece


def _end_of_line(piece: bytes, number: int) -> int:
    """Where the line of this number, counted from 1, ends in a piece that holds it."""
    end = 0
    for _ in range(number):
        end = piece.index(b"\n", end) + 1
    return end


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE), b""))


def _check(part: Path, source: Opened) -> None:
    """Compare with what the sender promised; a file with wrong content is begun anew at the next try."""
    size = part.stat().st_size
    if source.size is not None and size < source.size:
        raise ConnectionError(f"the connection ended after {size} of {source.size} bytes")
    wrong_size = source.size is not None and size != source.size
    if wrong_size or (source.md5 and digest(part, "md5") != source.md5):
        part.unlink()
        raise ConnectionError("what arrived is not what the sender promised (size or MD5)")
