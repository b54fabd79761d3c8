"""Many small files packed into few tar archives; equal files give equal bytes.

DVC needs hours to move a raw folder with a hundred thousand images, and minutes to move a thousand archives. The
archives are read one after the other, which needs no index of the files.
"""

import hashlib
import io
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from atelier.data.download.listing import is_web
from atelier.data.download.transfer import transfer
from atelier.errors import BadInputError

FILES_PER_ARCHIVE = 128
"""About 20 MB of photos."""


@dataclass(frozen=True)
class ArchiveSpec:
    """What an archive is built from: the address of a folder, and names of files in it."""

    address: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return self.address

    def address_of(self, name: str) -> str:
        """The address of one of its files.

        Raises
        ------
        BadInputError
            When the folder is inside an archive (`zip://::/photos.zip`) and the name could lead out of it.
        """
        folder, chained, archive = self.address.partition("::")
        if not chained:
            return f"{self.address}/{quote(name) if is_web(self.address) else name}"
        if "::" in name:
            raise BadInputError(f"The name {name!r} cannot be used: it contains '::'.")
        return f"{folder}{'' if folder.endswith('/') else '/'}{name}::{archive}"


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    position: int
    """Counted from 1."""
    size: int
    """In bytes."""
    read: Callable[[], bytes]


def in_hash_order(names: Iterable[str]) -> list[str]:
    """Names in the order of their hashes, a fixed pseudo-random order.

    The first n names are therefore a random sample, and they are also among the first m > n names.
    """
    return sorted(names, key=_name_hash)


def archive_specs(address: str, names: Sequence[str], size: int = FILES_PER_ARCHIVE) -> dict[str, ArchiveSpec]:
    """Archive name → what it is built from, `size` files each.

    The name contains a hash of the file names, so an archive that was built before is recognised.
    """
    result = {}
    for number, start in enumerate(range(0, len(names), size)):
        spec = ArchiveSpec(address, tuple(names[start : start + size]))
        content = hashlib.sha256("\0".join(spec.names).encode("utf-8", "surrogateescape")).hexdigest()
        result[f"images-{number:05d}-{content[:8]}.tar"] = spec
    return result


def build_archive(
    spec: ArchiveSpec,
    target: Path,
    tries: int = 5,
    retry_delay: float = 1.0,
    progress: Callable[[int, int | None], None] | None = None,
) -> None:
    """Fetch the files of an archive and write it. After a kill, the next call continues with the file it was at.

    A file that does not exist becomes an empty member, which preparation quarantines.

    Parameters
    ----------
    tries, retry_delay
        As for `transfer`.
    progress
        Called with the number of bytes fetched so far.

    Raises
    ------
    FileNotFoundError
        When none of the files exists.
    TransferError
        When a file that exists could not be fetched.
    """
    folder = target.with_name(target.name + ".files")
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{number:04d}" for number, name in enumerate(spec.names)}
    fetched = 0
    for name, file in files.items():
        if not file.exists():
            try:
                transfer(spec.address_of(name), file, tries, retry_delay)
            except FileNotFoundError:
                file.touch()
        fetched += file.stat().st_size
        if progress:
            progress(fetched, None)
    if not fetched:
        raise FileNotFoundError(spec.address)
    write_archive(target, ((name, file.read_bytes()) for name, file in files.items()))
    shutil.rmtree(folder)


def write_archive(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write (name, content) pairs as a tar file, atomically."""
    part = path.with_name(path.name + ".part")
    with tarfile.open(part, "w") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    part.replace(path)


def write_archives(folder: Path, members: Mapping[str, Callable[[], bytes]], size: int = FILES_PER_ARCHIVE) -> None:
    """Write many files, name → function that makes the content, as archives of `size` files."""
    for archive, spec in archive_specs(str(folder), list(members), size).items():
        write_archive(folder / archive, ((name, members[name]()) for name in spec.names))


def read_archive(path: Path) -> Iterator[Member]:
    """Yield the files of an archive. Read each one before the next is requested.

    Raises
    ------
    BadInputError
        When the file is not a tar file or ends early. Reading a member can raise it too.
    """
    with _damage_as_bad_input(path), tarfile.open(path) as archive:
        for position, entry in enumerate(archive, start=1):
            name = entry.name.encode("utf-8", "backslashreplace").decode()  # a name may contain invalid UTF-8
            yield Member(name, position, entry.size, partial(_content, path, archive, entry))


def _content(path: Path, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    with _damage_as_bad_input(path):
        file = archive.extractfile(entry) if entry.isfile() else None  # links are not followed
        return file.read() if file else b""


@contextmanager
def _damage_as_bad_input(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise BadInputError(f"{path} is damaged ({error}). Remove {path.parent} and fetch it again.") from error


def _name_hash(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
