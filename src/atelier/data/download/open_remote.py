"""Open a remote file over HTTP, or with fsspec."""

import base64
import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, cast

import fsspec

from atelier.errors import BadInputError

TIMEOUT = 60.0
"""Seconds without an answer after which a connection fails."""
HEAD_TIMEOUT = 10.0
"""The same where only the version of a file is asked for."""


@dataclass(frozen=True)
class RemoteFile:
    """An open remote file."""

    stream: BinaryIO
    offset: int
    """First byte of the stream; 0 where the server cannot start in the middle, or the file has changed."""
    size: int | None
    """Bytes of the whole file; None where the server does not say."""
    md5: str | None
    """MD5 of the whole file, in hexadecimal; None where the server does not say."""
    version: str
    """Changes when the file changes (ETag or modification time); empty where unknown."""
    system: Any = None
    """The file system that opened it. The one of a zip file closes all its files when nothing refers to it."""


class FileVersion(NamedTuple):
    """What a source says of a file without sending it: another version has another content, as far as it can tell."""

    size: int | None
    stamp: str
    """ETag, or time of the last change; empty where the source does not say."""


def file_version(address: str) -> FileVersion | None:
    """The version of a remote file: a HEAD request over HTTP, else what fsspec tells. None where there is no such file.

    Raises
    ------
    OSError
        When the source does not answer.
    """
    if not address.startswith(("http://", "https://")):
        system, path = file_system(address)
        try:
            info = system.info(path)
        except FileNotFoundError:
            return None
        return FileVersion(info.get("size"), _stamp(info))
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity"}, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=HEAD_TIMEOUT) as response:
            length = response.headers.get("Content-Length")
            return FileVersion(int(length) if length else None, _http_stamp(response.headers))
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            return None
        raise


@contextmanager
def open_at(address: str, offset: int = 0, version: str = "") -> Iterator[RemoteFile]:
    """Open a file at byte `offset`, or at its beginning where that is not possible.

    Parameters
    ----------
    version
        The `RemoteFile.version` that the bytes before `offset` belong to.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    """
    opener = _open_http if address.startswith(("http://", "https://")) else _open_fsspec
    opened = opener(address, offset, version)
    with closing(opened.stream):
        yield opened


def _open_http(address: str, offset: int, version: str) -> RemoteFile:
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity"})
    if offset and version:
        request.add_header("Range", f"bytes={offset}-")
        request.add_header("If-Range", version)  # a server sends the whole file where it has changed
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            raise FileNotFoundError(address) from error
        if error.code == 416 and offset:  # no bytes are left; start again to be sure that the file is complete
            return _open_http(address, 0, "")
        raise
    start = offset if response.status == 206 else 0
    length = response.headers.get("Content-Length")
    return RemoteFile(
        stream=cast(BinaryIO, response),
        offset=start,
        size=start + int(length) if length else None,
        md5=_md5_header(response.headers),
        version=_http_stamp(response.headers),
    )


def _http_stamp(headers: http.client.HTTPMessage) -> str:
    return headers.get("ETag") or headers.get("Last-Modified") or ""


def _md5_header(headers: http.client.HTTPMessage) -> str | None:
    """The MD5 that Google's storage sends (base64), in hexadecimal. An ETag is not always an MD5."""
    for entry in ",".join(headers.get_all("x-goog-hash", [])).split(","):
        if entry.strip().startswith("md5="):
            return base64.b64decode(entry.strip().removeprefix("md5=")).hex()
    return None


def _open_fsspec(address: str, offset: int, version: str) -> RemoteFile:
    system, path = file_system(address)
    info = system.info(path)
    current = _stamp(info) or str(info.get("size"))
    start = offset if version == current else 0
    stream = system.open(path, "rb")
    stream.seek(start)
    md5 = info.get("md5Hash")
    return RemoteFile(stream, start, info.get("size"), base64.b64decode(md5).hex() if md5 else None, current, system)


def _stamp(info: Mapping[str, Any]) -> str:
    """ETag or time of the last change, under the names that the file systems of fsspec give them."""
    names = ("etag", "ETag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created")
    return next((str(info[name]) for name in names if info.get(name)), "")


def file_system(address: str) -> tuple[Any, str]:
    """The fsspec file system that reads this address, and the path in it.

    Raises
    ------
    BadInputError
        When no file system reads such addresses, or its package is not installed.
    """
    protocol = address.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        package = _PACKAGES.get(protocol)
        hint = f"pip install {package}" if package else str(error)
        raise BadInputError(f"Reading {protocol}:// addresses needs one more package: {hint}") from error
    except ValueError as error:
        raise BadInputError(f"{address} is not an address that can be read: {error}.") from error
    return system, str(path)


_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}
