"""Objects in buckets, from which the operator of the service has allowed to read.

`ATELIER_BUCKETS` lists the allowed addresses, separated by commas: `s3://photos,gs://archive/2026,file:///data/photos`.
Without it nothing is read. `s3://` and `gs://` need the packages s3fs and gcsfs, which take credentials and the address
of the server from the environment (`AWS_ENDPOINT_URL`, `FSSPEC_S3_ENDPOINT_URL`).
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

from atelier.errors import BadInputError
from atelier.relative_names import is_inside
from atelier.service.http.errors import NotAllowedError, NotFoundError, TooLargeError
from atelier.service.http.limits import LIMITS

VARIABLE = "ATELIER_BUCKETS"
TIMEOUT_S = 4
"""Seconds without an answer after which a bucket counts as not reachable."""
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {
        "config_kwargs": {
            "connect_timeout": TIMEOUT_S,
            "read_timeout": TIMEOUT_S,
            "retries": {"total_max_attempts": 1},
        }
    }
}
_PROTOCOLS = ("s3", "gs", "file")


class ObjectStorage:
    """The allowed buckets.

    Parameters
    ----------
    allowed
        Addresses without a slash at their ends, such as `s3://photos` or `file:///data/photos`.
    limit
        Largest object that is read, in bytes.
    """

    def __init__(self, allowed: Iterable[str], limit: int = LIMITS.body_bytes) -> None:
        self._allowed = {name: address for address in allowed for name in (address, address.partition("://")[2])}
        self._limit = limit

    @classmethod
    def from_environment(cls) -> Self:
        """The buckets in `ATELIER_BUCKETS`. Addresses of other protocols are ignored."""
        addresses = (address.strip().rstrip("/") for address in os.environ.get(VARIABLE, "").split(","))
        return cls(address for address in addresses if address.partition("://")[0] in _PROTOCOLS)

    def read(self, bucket: str, filename: str) -> bytes:
        """The content of an object.

        Raises
        ------
        BadInputError
            When the name could lead out of the bucket.
        NotAllowedError
            When the bucket is not allowed.
        NotFoundError
            When there is no such object, or the bucket cannot be reached.
        TooLargeError
            When the object is larger than the limit.
        """
        address = self._allowed.get(bucket.rstrip("/"))
        if address is None:
            raise NotAllowedError("The service does not read from this bucket. Its operator can allow it.")
        if not (is_inside(filename) and is_inside(unquote(filename)) and "::" not in filename):
            raise BadInputError("filename must be the name of an object in the bucket, such as 2026/001.jpg.")
        protocol, _, folder = address.partition("://")
        return self._read_file(Path(folder), filename) if protocol == "file" else self._read_object(address, filename)

    def _read_file(self, folder: Path, filename: str) -> bytes:
        """A regular file below the folder; links that lead out of it are as good as missing."""
        try:
            path = (folder / filename).resolve(strict=True)
            inside = path.is_relative_to(folder.resolve(strict=True)) and stat.S_ISREG(path.stat().st_mode)
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside:
            raise _missing()
        with path.open("rb") as file:
            return self._limited(file.read(self._limit + 1))

    def _read_object(self, address: str, filename: str) -> bytes:
        import fsspec  # only a service that reads from buckets needs it

        protocol = address.partition("://")[0]
        try:
            system = fsspec.filesystem(protocol, **_OPTIONS.get(protocol, {}))
        except ImportError as error:
            raise NotAllowedError(f"The service cannot read from {protocol}:// buckets: {error}.") from None
        system.retries = 1  # of s3fs: with its five, an answer would take longer than a request may
        path = f"{address}/{filename}"
        try:
            size = system.info(path)["size"] or 0
            if size > self._limit:
                raise self._too_large()
            content: bytes = system.cat_file(path, start=0, end=min(size, self._limit + 1)) if size else b""
        except TooLargeError:
            raise
        except Exception as error:  # each file system raises its own types
            raise _missing() from error
        return self._limited(content)

    def _limited(self, content: bytes) -> bytes:
        if len(content) > self._limit:
            raise self._too_large()
        return content

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"The object is larger than {self._limit / 2**20:g} MB. Choose a smaller image.")


def _missing() -> NotFoundError:
    return NotFoundError("There is no such object in this bucket, or the bucket cannot be reached.")
