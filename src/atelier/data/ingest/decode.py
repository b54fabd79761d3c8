"""Archives of image files decoded and checked, one by one, each into a file of its own that survives a kill.

<folder>/<archive>.items    uint8 (n, size, size, 3), the pictures that can be used, in the order of the archive
<folder>/<archive>.json     `Decoded`: what they are, and what was wrong with the others; written last
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from atelier.atomic_files import write_atomically
from atelier.data.download.archives import Member, read_archive
from atelier.data.ingest.perceptual_hash import perceptual_hash
from atelier.data.prepared.buckets import content_hashes
from atelier.preprocessing.images import MOST_PIXELS, Picture, Rejected, blank_fraction, cover, decode_reduced
from atelier.settings import Settings


class Checks(Settings):
    """What makes an image file unusable."""

    least_side: int = Field(default=64, ge=1)
    """Pixels of the shorter side: smaller images are `too small`."""
    most_pixels: int = Field(default=MOST_PIXELS, ge=1)
    """More are `too many pixels`, and not decoded."""
    most_bytes: int = Field(default=64 << 20, ge=1)
    """A larger file is a `too large file`, and not read."""
    most_blank: float = Field(default=0.99, gt=0, le=1)
    """Share of pixels of nearly one colour (within 8 levels) above which an image is `nearly empty`."""


class Item(Settings):
    """One picture that can be used."""

    place: int
    """In its archive, counted from 1."""
    name: str
    content: str
    """BLAKE2b of the prepared picture, 128 bits, in hexadecimal."""
    looks: str
    """Perceptual hash, in hexadecimal."""
    pixels: int
    """Of the original: of two that look alike the larger one is kept."""


class Failure(Settings):
    """One file that cannot be used."""

    name: str
    reason: str
    detail: str


class Decoded(Settings):
    """What became of an archive."""

    items: tuple[Item, ...]
    failures: tuple[Failure, ...]


def decode_archive(archive: Path, folder: Path, size: int, checks: Checks) -> None:
    """Decode what is in an archive, unless that has been done; memory is that of one image."""
    if read_decoded(archive, folder) is not None:
        return
    items, failures = [], []
    with _items_path(archive, folder).open("wb") as out:
        for member in read_archive(archive):
            try:
                picture, pixels = _usable(member, size, checks)
            except Rejected as error:
                failures.append(Failure(name=member.name, reason=error.reason, detail=error.detail))
            else:
                out.write(picture.tobytes())
                items.append(_describe(member, picture, pixels))
    decoded = Decoded(items=tuple(items), failures=tuple(failures))
    write_atomically(_list_path(archive, folder), decoded.model_dump_json())


def read_decoded(archive: Path, folder: Path) -> Decoded | None:
    """What became of an archive; None where it has not been decoded to the end."""
    try:
        return Decoded.model_validate_json(_list_path(archive, folder).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValidationError):
        return None


def read_items(archive: Path, folder: Path, count: int, size: int) -> NDArray[np.uint8]:
    """The pictures of a decoded archive, mapped: (count, size, size, 3)."""
    if not count:  # nothing to map
        return np.empty((0, size, size, 3), np.uint8)
    return np.memmap(_items_path(archive, folder), np.uint8, "r", shape=(count, size, size, 3))


def _usable(member: Member, size: int, checks: Checks) -> tuple[Picture, int]:
    """The prepared picture and the pixels of its original; raises `Rejected`."""
    if member.size > checks.most_bytes:
        raise Rejected("too large file", f"{member.size:,} bytes, more than {checks.most_bytes:,}")
    picture, original = decode_reduced(member.read(), 2 * size, checks.most_pixels)
    if min(original) < checks.least_side:
        raise Rejected("too small", f"{original[0]} x {original[1]}, less than {checks.least_side} pixels a side")
    prepared = cover(picture, size)
    blank = blank_fraction(prepared)
    if blank > checks.most_blank:
        raise Rejected("nearly empty", f"{blank:.1%} of it has one colour")
    return prepared, original[0] * original[1]


def _describe(member: Member, picture: Picture, pixels: int) -> Item:
    content = content_hashes(picture[None]).tobytes().hex()
    looks = perceptual_hash(picture).tobytes().hex()
    return Item(place=member.place, name=member.name, content=content, looks=looks, pixels=pixels)


def _items_path(archive: Path, folder: Path) -> Path:
    return folder / f"{archive.name}.items"


def _list_path(archive: Path, folder: Path) -> Path:
    return folder / f"{archive.name}.json"
