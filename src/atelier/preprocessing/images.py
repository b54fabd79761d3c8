"""Decode image files of unknown origin safely, and convert them to RGB.

Needs only numpy, Pillow and pi-heif: data preparation and the service use the same functions.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Literal

import numpy as np
import pi_heif
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image, ImageOps, UnidentifiedImageError

from atelier.errors import BadInputError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
"""The decoders that are tried. Pillow's other decoders are not needed (the one for EPS starts another program)."""
SUFFIXES = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".webp",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".avif",
    ".heic",
    ".heif",
)
"""Extensions of these formats, in lower case."""
DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
MAX_PIXELS = 50_000_000
"""Images with more pixels are not decoded: 150 MB as RGB. Most phone cameras take fewer."""
MAX_SCANS = 100
"""A JPEG with more scans is not decoded: each scan of a progressive JPEG takes the time of a whole image, and needs few
bytes. Cameras and programs write at most about a dozen."""
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_START_OF_SCAN = b"\xff\xda"
_ORIENTATION = 0x0112

ImageArray = NDArray[np.uint8]
"""RGB, uint8 (height, width, 3)."""
GrayArray = NDArray[np.uint8]
"""Gray levels, uint8 (height, width)."""
Fit = Literal["crop", "pad"]
"""How an image becomes a square. `crop`: the largest centred square of it. `pad`: the whole image, and beside it the
pixels of its edge, repeated."""


class Rejected(BadInputError):  # noqa: N818  a result for a file, not a failure of the program
    """A file is not used. `reason` is one of a fixed set, so that the reasons can be counted."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


def decode(content: bytes, pixels: int = MAX_PIXELS) -> ImageArray:
    """Decode an image file to upright RGB. Transparent parts become white; of an animation the first frame is used.

    Parameters
    ----------
    content
        Content of the file.
    pixels
        Maximum number of pixels; checked in the header before anything is decoded.

    Raises
    ------
    Rejected
        The reason is one of `empty file`, `not an image`, `too many pixels`, `too many scans`,
        `decompression bomb`, `truncated file`, `damaged file`, `unsupported colours`.
    """
    return decode_reduced(content, None, pixels)[0]


def decode_reduced(
    content: bytes, min_side: int | None, pixels: int = MAX_PIXELS
) -> tuple[ImageArray, tuple[int, int]]:
    """As `decode`, for images that will be reduced; returns the image and the (width, height) of the file.

    A JPEG that stays at least `min_side` pixels per side is decoded at 1/2, 1/4 or 1/8 of its size, which is several
    times as fast.
    """
    stored, size = load_reduced(content, min_side, pixels)
    return np.asarray(upright(to_rgb(stored), stored)), size


def load_reduced(content: bytes, min_side: int | None, pixels: int = MAX_PIXELS) -> tuple[Image.Image, tuple[int, int]]:
    """As `load`, with a JPEG reduced as by `decode_reduced`; returns the image and the (width, height) of the file."""
    with _errors_as_rejected():
        stored = _open(content, pixels)
        size = stored.size
        if min_side:
            stored.draft(None, (min_side, min_side))
        stored.load()
    return stored, size


def load(content: bytes, pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode a file without rotating or converting it. Parameters and errors as for `decode`."""
    return load_reduced(content, None, pixels)[0]


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image to mode RGB. Transparent parts become white, 16 bits become 8.

    Raises
    ------
    Rejected
        `unsupported colours`, where Pillow cannot convert them.
    """
    try:
        if image.mode in DEEP_MODES:
            return Image.fromarray(from_deep(np.asarray(image))).convert("RGB")
        if not image.has_transparency_data:
            return image.convert("RGB")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    except Exception as error:  # Pillow does not convert between all of its modes
        raise Rejected("unsupported colours", str(error)[:100] or type(error).__name__) from None


def from_deep(levels: NDArray[np.generic], top: float | None = None) -> NDArray[np.uint8]:
    """Scale 16-bit, 32-bit and floating-point levels to 0..255, by the smallest usual range that holds them.

    Parameters
    ----------
    top
        The largest level, where `levels` are only a part of the image.
    """
    finite = np.nan_to_num(levels.astype(np.float32), posinf=0, neginf=0)
    top = max(float(finite.max(initial=0)) if top is None else top, 0.0)
    full = 1.0 if top <= 1 else 255.0 if top <= 255 else 65535.0 if top <= 65535 else top
    scaled: NDArray[np.uint8] = np.rint(np.clip(finite / full, 0, 1) * 255).astype(np.uint8)
    return scaled


def center_crop(image: ImageArray, size: int) -> ImageArray:
    """The largest centred square, resized to (size, size, 3) with antialiasing (Lanczos)."""
    height, width = image.shape[:2]
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS, box))


def pad_to_square(image: ImageArray, size: int) -> ImageArray:
    """The whole image in the middle of (size, size, 3), resized with antialiasing (Lanczos).

    Its long sides are `size`; the pixels of the edge are repeated to fill the rest.
    """
    scale = size / max(image.shape[:2])
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    resized = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))
    top, left = (size - height) // 2, (size - width) // 2
    return np.pad(resized, ((top, size - height - top), (left, size - width - left), (0, 0)), mode="edge")


def decode_square(
    content: bytes, size: int, pixels: int = MAX_PIXELS, fit: Fit = "crop"
) -> tuple[ImageArray, tuple[int, int]]:
    """Decode an image file to a square (size, size, 3), see `Fit`: the input of models of photos.

    Returns the square and the (width, height) of the file. Parameters and errors as for `decode`.
    """
    image, original = decode_reduced(content, 2 * size, pixels)
    return (center_crop if fit == "crop" else pad_to_square)(image, size), original


def blank_fraction(image: ImageArray, tolerance: int = 8) -> float:
    """Fraction of the pixels within `tolerance` levels of the median colour in every channel."""
    pixels = image.reshape(-1, 3).astype(np.int16)
    near = np.abs(pixels - np.median(pixels, axis=0)) <= tolerance
    return float(near.all(axis=1).mean())


def orientation(stored: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) to 8; 1 where the EXIF data cannot be read."""
    with suppress(Exception):
        return int(stored.getexif().get(_ORIENTATION, 1))
    return 1


def upright(rgb: Image.Image, stored: Image.Image) -> Image.Image:
    """Rotate and flip `rgb` by the EXIF orientation of `stored`."""
    code = orientation(stored)
    with suppress(Exception):
        if code != 1:
            rgb.getexif()[_ORIENTATION] = code
            return ImageOps.exif_transpose(rgb)
    return rgb


def _open(content: bytes, pixels: int) -> Image.Image:
    """Read the header only."""
    if not content:
        raise Rejected("empty file", "no bytes")
    _register_heif()
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        known = content.startswith(_SIGNATURES) or content[4:8] == b"ftyp"
        raise Rejected("damaged file" if known else "not an image", "no decoder reads its header") from None
    width, height = image.size
    if width * height > pixels:
        raise Rejected("too many pixels", f"{width} x {height} pixels")
    if width < 1 or height < 1:
        raise Rejected("damaged file", "no pixels")
    scans = content.count(_START_OF_SCAN) if image.format in ("JPEG", "MPO") else 0  # in its data FF is followed by 0
    if scans > MAX_SCANS:
        raise Rejected("too many scans", f"{scans} scans")
    return image


@cache
def _register_heif() -> None:
    """Let Pillow read HEIC, which phones write. Threads of its own would take the cores of other requests."""
    pi_heif.register_heif_opener(thumbnails=False)
    pi_heif.options.DECODE_THREADS = 1
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


@contextmanager
def _errors_as_rejected() -> Iterator[None]:
    """Turn all errors of decoders into `Rejected` (broken files raise nearly any type), and ignore their warnings."""
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
