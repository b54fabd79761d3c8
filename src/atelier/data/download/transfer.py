"""Download one file: resumes after an interruption, retries, and checks size and MD5."""

import http.client
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from atelier.atomic_files import digest
from atelier.data.download.open_remote import RemoteFile, open_at
from atelier.errors import AtelierError

CHUNK_BYTES = 1 << 18
_TRANSIENT_ERRORS = (urllib.error.URLError, http.client.HTTPException, OSError, TimeoutError)
"""Errors after which another try can succeed."""


class TransferError(AtelierError):
    """A file could not be fetched in any of the tries."""


def transfer(
    address: str,
    target: Path,
    tries: int = 5,
    retry_delay: float = 1.0,
    lines: int | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> None:
    """Download `address` (https, or anything that fsspec opens) to `<target>.part`, then rename it to `target`.

    Parameters
    ----------
    retry_delay
        Seconds before the second try; doubled before each further try.
    lines
        Number of lines of a text file to download; None: all of them. A file cut at a line is not resumed.
    progress
        Called with the number of bytes downloaded, and of the whole file (None where unknown).

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    TransferError
        When the last try failed too; the message has its reason.
    """
    for attempt in range(1, tries + 1):
        try:
            _attempt(address, target, lines, progress)
            return
        except FileNotFoundError:
            raise
        except _TRANSIENT_ERRORS as error:
            if attempt == tries or not _is_transient(error):
                raise TransferError(f"Fetching {address} failed {attempt} times; the last reason: {error}") from error
            time.sleep(retry_delay * 2 ** (attempt - 1))


def _is_transient(error: Exception) -> bool:
    """Whether another try can succeed: not after a client error such as 403."""
    return not isinstance(error, urllib.error.HTTPError) or error.code in (408, 416, 425, 429) or error.code >= 500


def _attempt(address: str, target: Path, lines: int | None, progress: Callable[[int, int | None], None] | None) -> None:
    part, version = target.with_name(target.name + ".part"), target.with_name(target.name + ".version")
    resumable = part.exists() and version.exists() and lines is None
    offset = part.stat().st_size if resumable else 0
    with open_at(address, offset, version.read_text() if offset else "") as source:
        version.write_text(source.version)
        done = source.offset
        with part.open("ab" if source.offset else "wb") as out:
            for chunk in _chunks(source.stream, lines):
                out.write(chunk)
                done += len(chunk)
                if progress:
                    progress(done, source.size)
        if lines is None or _count_lines(part) < lines:
            _check(part, source)
    part.replace(target)
    version.unlink()


def _chunks(stream: BinaryIO, lines: int | None) -> Iterator[bytes]:
    """Chunks of the stream, up to its end or to the end of so many lines."""
    while chunk := stream.read(CHUNK_BYTES):
        if lines is not None:
            if chunk.count(b"\n") >= lines:
                yield chunk[: _end_of_line(chunk, lines)]
                return
            lines -= chunk.count(b"\n")
        yield chunk


def _end_of_line(chunk: bytes, number: int) -> int:
    """The position after line `number`, counted from 1, of a chunk that holds it."""
    end = 0
    for _ in range(number):
        end = chunk.index(b"\n", end) + 1
    return end


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK_BYTES), b""))


def _check(part: Path, source: RemoteFile) -> None:
    """Compare size and MD5 with those that the server sent. A wrong file is deleted, and the next try starts again."""
    size = part.stat().st_size
    if source.size is not None and size < source.size:
        raise ConnectionError(f"the connection ended after {size} of {source.size} bytes")
    wrong_size = source.size is not None and size != source.size
    if wrong_size or (source.md5 and digest(part, "md5") != source.md5):
        part.unlink()
        raise ConnectionError("the size or MD5 differs from the one that the server sent")
