"""Decode and check archives of image files, one archive at a time; each result is kept in files that survive a kill.

<folder>/<archive>.items    uint8 (n, size, size, 3): the usable images, in the order of the archive
<folder>/<archive>.json     `Decoded`: names and hashes of the images, and why other files were rejected; written last
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from atelier.atomic_files import write_atomically
from atelier.data.content_hash import digest_of
from atelier.data.download.archives import Member, read_archive
from atelier.data.ingest.perceptual_hash import perceptual_hash
from atelier.preprocessing.images import ImageArray, Rejected, blank_fraction, decode_square
from atelier.settings import Settings

Square = Callable[[bytes, int, int], tuple[ImageArray, tuple[int, int]]]
"""(content of a file, size, largest number of pixels) → image (size, size, 3) and the (width, height) of the file.
Raises `Rejected` where there is no usable image in the file."""


class Checks(Settings):
    """What makes an image file unusable."""

    min_side: int = Field(ge=1)
    """Pixels of the shorter side: smaller images are `too small`."""
    max_pixels: int = Field(ge=1)
    """Images with more pixels are `too many pixels`, and are not decoded."""
    max_bytes: int = Field(ge=1)
    """A larger file is a `too large file`, and is not read."""
    max_blank: float = Field(gt=0, le=1)
    """Share of pixels of nearly one colour (within 8 levels) above which an image is `nearly empty`."""


class Item(Settings):
    """One usable image."""

    position: int
    """In its archive, counted from 1."""
    name: str
    identity: str
    """BLAKE2b of the file's bytes, 128 bits, in hexadecimal. It does not depend on how the image is prepared."""
    perceptual_hash: str
    """In hexadecimal."""
    pixels: int
    """Number of pixels of the original: of two images that look alike the larger one is kept."""


class Failure(Settings):
    """One unusable file."""

    name: str
    reason: str
    detail: str


class Decoded(Settings):
    """The result of decoding an archive."""

    items: tuple[Item, ...]
    failures: tuple[Failure, ...]


def decode_archive(archive: Path, folder: Path, size: int, checks: Checks, square: Square = decode_square) -> None:
    """Decode the files of an archive, unless this has been done before. Memory: one image.

    Parameters
    ----------
    archive
        A tar file of images.
    folder
        Where the results go.
    size
        Pixels per side of the square images.
    square
        Makes a square image of a file's content.

    Raises
    ------
    BadInputError
        When the archive itself is damaged.
    """
    if read_decoded(archive, folder) is not None:
        return
    items, failures = [], []
    with _items_path(archive, folder).open("wb") as out:
        for member in read_archive(archive):
            try:
                content = _read_member(member, checks)
                image, pixels = _decode_content(content, size, checks, square)
            except Rejected as error:
                failures.append(Failure(name=member.name, reason=error.reason, detail=error.detail))
            else:
                out.write(image.tobytes())
                items.append(_describe(member, content, image, pixels))
    decoded = Decoded(items=tuple(items), failures=tuple(failures))
    write_atomically(_list_path(archive, folder), decoded.model_dump_json())


def read_decoded(archive: Path, folder: Path) -> Decoded | None:
    """The result of decoding an archive; None where it has not been decoded completely."""
    try:
        return Decoded.model_validate_json(_list_path(archive, folder).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValidationError):
        return None


def read_items(archive: Path, folder: Path, count: int, size: int) -> NDArray[np.uint8]:
    """The images of a decoded archive, memory-mapped: uint8 (count, size, size, 3)."""
    if not count:  # an empty file cannot be mapped
        return np.empty((0, size, size, 3), np.uint8)
    return np.memmap(_items_path(archive, folder), np.uint8, "r", shape=(count, size, size, 3))


def _read_member(member: Member, checks: Checks) -> bytes:
    """The content of a file; raises `Rejected` where it is too large."""
    if member.size > checks.max_bytes:
        raise Rejected("too large file", f"{member.size:,} bytes, more than {checks.max_bytes:,}")
    return member.read()


def _decode_content(content: bytes, size: int, checks: Checks, square: Square) -> tuple[ImageArray, int]:
    """The prepared image, and the number of pixels of its original; raises `Rejected`."""
    prepared, original = square(content, size, checks.max_pixels)
    if min(original) < checks.min_side:
        raise Rejected("too small", f"{original[0]} x {original[1]}, less than {checks.min_side} pixels a side")
    blank = blank_fraction(prepared)
    if blank > checks.max_blank:
        raise Rejected("nearly empty", f"{blank:.1%} of it has one colour")
    return prepared, original[0] * original[1]


def _describe(member: Member, content: bytes, image: ImageArray, pixels: int) -> Item:
    return Item(
        position=member.position,
        name=member.name,
        identity=digest_of(content).hex(),
        perceptual_hash=perceptual_hash(image).tobytes().hex(),
        pixels=pixels,
    )


def _items_path(archive: Path, folder: Path) -> Path:
    return folder / f"{archive.name}.items"


def _list_path(archive: Path, folder: Path) -> Path:
    return folder / f"{archive.name}.json"
