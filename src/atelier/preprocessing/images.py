"""Pictures from strangers: opened safely and turned into RGB, whatever they were stored as.

Light on purpose (numpy and Pillow): ingest and service read pictures through the same functions.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from atelier.errors import BadInputError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""What is tried; Pillow's other decoders are rarely used and never needed here (EPS starts a foreign program)."""
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
"""How files of these formats are named."""
DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
MOST_PIXELS = 50_000_000
"""Pixels above which nothing is decoded: 150 MB as RGB; most phone cameras make fewer."""
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_ORIENTATION = 0x0112

Picture = NDArray[np.uint8]
"""RGB, uint8 (height, width, 3)."""
Grey = NDArray[np.uint8]
"""Grey levels, uint8 (height, width)."""


class Rejected(BadInputError):  # noqa: N818  a verdict on a file, not a failure of ours
    """A file that is not used, with its reason: one of few kinds, so that they can be counted."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


def decode(content: bytes, pixels: int = MOST_PIXELS) -> Picture:
    """RGB as a person sees it: upright, in full colour, transparent parts white; of an animation the first frame.

    Parameters
    ----------
    content
        The file.
    pixels
        Most pixels that are decoded; looked up in the header before anything is.

    Raises
    ------
    Rejected
        With one of the reasons `empty file`, `not an image`, `too many pixels`, `decompression bomb`,
        `truncated file`, `damaged file`, `unsupported colours`.
    """
    return decode_reduced(content, None, pixels)[0]


def decode_reduced(content: bytes, least: int | None, pixels: int = MOST_PIXELS) -> tuple[Picture, tuple[int, int]]:
    """As `decode`, for whoever makes the picture smaller anyway; and the (width, height) that the file holds.

    A JPEG of many more than `least` pixels a side is decoded at 1/2, 1/4 or 1/8 of its size, several times as fast.
    """
    stored, size = load_reduced(content, least, pixels)
    return np.asarray(upright(to_rgb(stored), stored)), size


def load_reduced(content: bytes, least: int | None, pixels: int = MOST_PIXELS) -> tuple[Image.Image, tuple[int, int]]:
    """As `load`, a JPEG reduced as by `decode_reduced`; and the (width, height) that the file holds."""
    with _verdicts():
        stored = _open(content, pixels)
        size = stored.size
        if least:
            stored.draft(None, (least, least))
        stored.load()
    return stored, size


def load(content: bytes, pixels: int = MOST_PIXELS) -> Image.Image:
    """Decode a file as it is stored: neither turned nor converted. Parameters and errors as for `decode`."""
    return load_reduced(content, None, pixels)[0]


def to_rgb(picture: Image.Image) -> Image.Image:
    """The same picture in mode RGB; transparent parts become white, 16 bits become 8.

    Raises
    ------
    Rejected
        `unsupported colours`, where Pillow does not convert them.
    """
    try:
        if picture.mode in DEEP_MODES:
            return Image.fromarray(from_deep(np.asarray(picture))).convert("RGB")
        if not picture.has_transparency_data:
            return picture.convert("RGB")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    except Exception as error:  # Pillow converts between most of its modes, not between all
        raise Rejected("unsupported colours", str(error)[:100] or type(error).__name__) from None


def from_deep(levels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """16-bit, 32-bit and floating-point levels, scaled to 0..255 by the range that such files mean."""
    finite = np.nan_to_num(levels.astype(np.float32), posinf=0, neginf=0)
    top = max(float(finite.max(initial=0)), 0.0)
    full = 1.0 if top <= 1 else 255.0 if top <= 255 else 65535.0 if top <= 65535 else top
    scaled: NDArray[np.uint8] = np.rint(np.clip(finite / full, 0, 1) * 255).astype(np.uint8)
    return scaled


def cover(picture: Picture, size: int) -> Picture:
    """The largest square in the middle, resized to (size, size, 3) with antialiasing (Lanczos)."""
    height, width = picture.shape[:2]
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.LANCZOS, box))


def blank_fraction(picture: Picture, tolerance: int = 8) -> float:
    """Share of the pixels that are within so many levels of the picture's median colour, in every channel."""
    pixels = picture.reshape(-1, 3).astype(np.int16)
    near = np.abs(pixels - np.median(pixels, axis=0)) <= tolerance
    return float(near.all(axis=1).mean())


def orientation(stored: Image.Image) -> int:
    """How the EXIF data say that the picture is to be turned, 1 (not at all) to 8; data that cannot be read say 1."""
    with suppress(Exception):
        return int(stored.getexif().get(_ORIENTATION, 1))
    return 1


def upright(rgb: Image.Image, stored: Image.Image) -> Image.Image:
    """Turn `rgb` as the EXIF data of `stored` say."""
    turn = orientation(stored)
    with suppress(Exception):
        if turn != 1:
            rgb.getexif()[_ORIENTATION] = turn
            return ImageOps.exif_transpose(rgb)
    return rgb


def _open(content: bytes, pixels: int) -> Image.Image:
    """Read the header, and no more of it than that."""
    if not content:
        raise Rejected("empty file", "no bytes")
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        known = content.startswith(_SIGNATURES)
        raise Rejected("damaged file" if known else "not an image", "no decoder reads its header") from None
    width, height = picture.size
    if width * height > pixels:
        raise Rejected("too many pixels", f"{width} x {height} pixels")
    if width < 1 or height < 1:
        raise Rejected("damaged file", "no pixels")
    return picture


@contextmanager
def _verdicts() -> Iterator[None]:
    """Whatever decoders of untrusted bytes raise (nearly anything) becomes a verdict; what they warn of does not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Rejected:
        raise
    except Image.DecompressionBombError as error:
        raise Rejected("too many pixels", str(error)) from None
    except Exception as error:
        detail = str(error)[:100] or type(error).__name__
        raise Rejected(_reason(detail), detail) from None


def _reason(message: str) -> str:
    lower = message.lower()
    if "decompress" in lower and "large" in lower:
        return "decompression bomb"
    return "truncated file" if "truncated" in lower or "not enough" in lower else "damaged file"
