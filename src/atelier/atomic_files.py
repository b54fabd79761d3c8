"""Atomic writing of files, so that a reader finds the old or the new content even after a kill; hashes of files."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write to, `<name>.<random>.new`, which replaces `path` when the block ends without an error.

    For libraries that write files themselves. Any number of processes may write the same file at the same time: the
    last one to finish wins. Only a killed process leaves a file beside `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write text (as UTF-8) or bytes to `path`; missing folders are created."""
    with replacing(path) as new:
        new.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def digest(path: Path, algorithm: str) -> str:
    """Hash of a file's content, in hexadecimal; `algorithm` as for `hashlib.new`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
