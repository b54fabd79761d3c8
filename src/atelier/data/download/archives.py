"""Many small files as few archives: tar files that hold the same bytes whenever they hold the same files.

A raw folder with a hundred thousand images takes DVC hours to move; a thousand archives take it minutes, and reading
them one after the other needs no list of what there is.
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

EACH = 128
"""Files of one archive: some 20 MB of photos."""


@dataclass(frozen=True)
class Pack:
    """An archive to be: where its files come from and what they are called there."""

    address: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    place: int
    """Counted from 1."""
    size: int
    read: Callable[[], bytes]


def in_fair_order(names: Iterable[str]) -> list[str]:
    """Names in an order that has nothing to do with them: the first so many are a fair choice, and stay the first."""
    return sorted(names, key=_fair)


def packs(address: str, names: Sequence[str], each: int = EACH) -> dict[str, Pack]:
    """Archive name → what goes into it. Equal contents have equal names, so what was packed before is found again."""
    result = {}
    for number, start in enumerate(range(0, len(names), each)):
        pack = Pack(address, tuple(names[start : start + each]))
        content = hashlib.sha256("\0".join(pack.names).encode("utf-8", "surrogateescape")).hexdigest()
        result[f"images-{number:05d}-{content[:8]}.tar"] = pack
    return result


def bring(
    pack: Pack,
    target: Path,
    tries: int = 5,
    patience: float = 1.0,
    progress: Callable[[int, int | None], None] | None = None,
) -> None:
    """Fetch the files of a pack and write its archive; killed, it goes on with the file it was at.

    An image that is not where it should be becomes an empty member, for preparation to quarantine.

    Raises
    ------
    FileNotFoundError
        When not a single file is there.
    TransferError
        When a file that exists could not be fetched.
    """
    folder = target.with_name(target.name + ".files")
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{number:04d}" for number, name in enumerate(pack.names)}
    arrived = 0
    for name, file in files.items():
        if not file.exists():
            address = f"{pack.address}/{quote(name) if is_web(pack.address) else name}"
            try:
                transfer(address, file, tries, patience)
            except FileNotFoundError:
                file.touch()
        arrived += file.stat().st_size
        if progress:
            progress(arrived, None)
    if not arrived:
        raise FileNotFoundError(pack.address)
    write_archive(target, ((name, file.read_bytes()) for name, file in files.items()))
    shutil.rmtree(folder)


def write_archive(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write (name, content) pairs as a tar file, complete or not at all."""
    part = path.with_name(path.name + ".part")
    with tarfile.open(part, "w") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    part.replace(path)


def write_archives(folder: Path, members: Mapping[str, Callable[[], bytes]], each: int = EACH) -> None:
    """Write many files, name → what makes its content, as archives of `each`."""
    for archive, pack in packs(str(folder), list(members), each).items():
        write_archive(folder / archive, ((name, members[name]()) for name in pack.names))


def read_archive(path: Path) -> Iterator[Member]:
    """The files of an archive, one after the other; read each before asking for the next.

    Raises
    ------
    BadInputError
        When it is no tar file or ends early; reading a file may raise it as well.
    """
    with _sound(path), tarfile.open(path) as archive:
        for place, entry in enumerate(archive, start=1):
            name = entry.name.encode("utf-8", "backslashreplace").decode()  # a name may hold what UTF-8 cannot
            yield Member(name, place, entry.size, partial(_content, path, archive, entry))


def _content(path: Path, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    with _sound(path):
        file = archive.extractfile(entry) if entry.isfile() else None  # links may point anywhere
        return file.read() if file else b""


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise BadInputError(f"{path} is damaged ({error}). Remove {path.parent} and fetch it again.") from error


def _fair(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
