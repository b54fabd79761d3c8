"""Opening a file wherever it is: over https, or through anything that fsspec knows."""

import base64
import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import fsspec

from atelier.errors import BadInputError

TIMEOUT = 60.0
"""Seconds that a server may stay silent."""


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
