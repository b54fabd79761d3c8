"""Files that change all at once, so that even after a kill a reader finds the old or the new; hashes of files."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path`, `<name>.new`, to write to; it takes the place of `path` when the block ends without error.

    For libraries that write files themselves. A file left by a killed or failed block is overwritten by the next one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    yield new
    new.replace(path)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a text (as UTF-8) or bytes to `path`; missing folders are made."""
    with replacing(path) as new:
        new.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def digest(path: Path, algorithm: str) -> str:
    """Hash of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
