"""One file from anywhere to here: goes on where it was cut off, tries again, and checks what arrived."""

import base64
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec

from atelier.errors import AtelierError, BadInputError
from atelier.files import digest

PIECE = 1 << 18
TIMEOUT = 60.0
_PASSING = (urllib.error.URLError, http.client.HTTPException, OSError, TimeoutError)
"""Errors that may be gone at the next try."""


class TransferError(AtelierError):
    """A file could not be fetched, after all tries."""


@dataclass(frozen=True)
class Opened:
    """A file being sent to us, from some byte on."""

    stream: BinaryIO
    offset: int
    """Where the stream begins; 0 when the sender cannot begin in the middle or has another version by now."""
    size: int | None
    """Bytes of the whole file, where the sender says so."""
    md5: str | None
    """MD5 of the whole file, where the sender says so."""
    version: str
    """Changes when the file does; empty when unknown."""


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


@contextmanager
def open_at(address: str, offset: int = 0, version: str = "") -> Iterator[Opened]:
    """Open a file from byte `offset` on, or from its beginning where that is not possible."""
    opener = _open_http if address.startswith(("http://", "https://")) else _open_fsspec
    opened = opener(address, offset, version)
    with closing(opened.stream):
        yield opened


def _open_http(address: str, offset: int, version: str) -> Opened:
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity"})
    if offset and version:
        request.add_header("Range", f"bytes={offset}-")
        request.add_header("If-Range", version)  # the whole file instead, when it has changed
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            raise FileNotFoundError(address) from error
        if error.code == 416 and offset:  # nothing left to send: perhaps all is here, so begin anew to be sure
            return _open_http(address, 0, "")
        raise
    start = offset if answer.status == 206 else 0
    length = answer.headers.get("Content-Length")
    return Opened(
        stream=cast(BinaryIO, answer),
        offset=start,
        size=start + int(length) if length else None,
        md5=_md5_header(answer.headers),
        version=answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "",
    )


def _md5_header(headers: http.client.HTTPMessage) -> str | None:
    """MD5 as Google's and Amazon's stores send it, base64; an ETag is not always one."""
    for entry in ",".join(headers.get_all("x-goog-hash", [])).split(","):
        if entry.strip().startswith("md5="):
            return base64.b64decode(entry.strip().removeprefix("md5=")).hex()
    return None


def _open_fsspec(address: str, offset: int, version: str) -> Opened:
    system, path = file_system(address)
    info = system.info(path)
    now = str(info.get("etag") or info.get("ETag") or info.get("mtime") or info.get("size"))
    start = offset if version == now else 0
    stream = system.open(path, "rb")
    stream.seek(start)
    md5 = info.get("md5Hash")
    return Opened(stream, start, info.get("size"), base64.b64decode(md5).hex() if md5 else None, now)


def file_system(address: str) -> tuple[Any, str]:
    """What reads this address (an fsspec file system), and the path that it has there.

    Raises
    ------
    BadInputError
        When nothing reads such addresses, or a package that does is not installed.
    """
    protocol = address.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        package = _PACKAGES.get(protocol)
        cure = f"pip install {package}" if package else str(error)
        raise BadInputError(f"Reading {protocol}:// addresses needs one more package: {cure}") from error
    except ValueError as error:
        raise BadInputError(f"{address} is not an address that can be read: {error}.") from error
    return system, str(path)


_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}
