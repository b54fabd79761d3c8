"""Pictures from strangers: opened safely, and turned into one grey plane whatever they were stored as."""

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from atelier.errors import BadInputError
from atelier.service.limits import LIMITS

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""What is tried; Pillow's other decoders are rarely used and never needed here (EPS starts a foreign program)."""
DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
Grey = NDArray[np.uint8]


def open_picture(content: bytes, pixels: int = LIMITS.pixels) -> Image.Image:
    """Decode a picture, turned upright as its EXIF data says; of an animation the first frame.

    Parameters
    ----------
    content
        The file.
    pixels
        Most pixels that are decoded; looked up in the header before anything is decoded.

    Raises
    ------
    BadInputError
        When the bytes are empty, no picture, too large or broken; the message says what to change.
    """
    if not content:
        raise BadInputError("The file is empty. Choose a picture that opens on your own computer.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
            _check_size(picture.size, pixels)
            picture.load()
            # In 16 bits some Pillow operations are missing; a turned drawing of that kind keeps lying on its side.
            return picture if picture.mode in DEEP_MODES else ImageOps.exif_transpose(picture)
    except BadInputError:
        raise
    except UnidentifiedImageError:
        raise BadInputError(f"The file is not a picture. Send one of: {', '.join(FORMATS)}.") from None
    except Image.DecompressionBombError:
        raise BadInputError(_too_many(pixels)) from None
    except Exception as error:  # decoders of untrusted bytes raise nearly anything
        reason = str(error)[:100] or type(error).__name__
        raise BadInputError(f"The picture is damaged or cut off ({reason}). Save it again and resend it.") from None


def to_grey(picture: Image.Image) -> Grey:
    """Grey levels, uint8 (height, width). Transparency becomes whichever of white and black the rest stands out on.

    Raises
    ------
    BadInputError
        When Pillow does not convert the picture's kind of colours.
    """
    try:
        return _to_grey(picture)
    except Exception as error:  # Pillow converts between most of its modes, not between all
        reason = str(error)[:100] or type(error).__name__
        sentence = f"The picture's colours are not read ({reason}). Save it in RGB or grey and send it again."
        raise BadInputError(sentence) from None


def _to_grey(picture: Image.Image) -> Grey:
    if picture.mode in DEEP_MODES:
        return _from_deep(np.asarray(picture))
    if picture.mode == "LAB":  # the first channel is the lightness; Pillow converts it to nothing else
        return np.asarray(picture.getchannel(0))
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("L"))
    grey, alpha = (np.asarray(plane, np.float32) for plane in picture.convert("RGBA").convert("LA").split())
    opacity = alpha / 255
    visible = float(opacity.sum())
    ink_is_dark = visible == 0 or float((grey * opacity).sum()) / visible < 128
    background = 255.0 if ink_is_dark else 0.0
    return np.rint(grey * opacity + background * (1 - opacity)).astype(np.uint8)


def _from_deep(levels: NDArray[np.generic]) -> Grey:
    """16-bit, 32-bit and floating-point levels, scaled to 0..255 by the range that such files mean."""
    finite = np.nan_to_num(levels.astype(np.float32), posinf=0, neginf=0)
    top = max(float(finite.max(initial=0)), 0.0)
    full = 1.0 if top <= 1 else 255.0 if top <= 255 else 65535.0 if top <= 65535 else top
    grey: Grey = np.rint(np.clip(finite / full, 0, 1) * 255).astype(np.uint8)
    return grey


def _check_size(size: tuple[int, int], pixels: int) -> None:
    width, height = size
    if width * height > pixels:
        raise BadInputError(f"The picture has {width} x {height} pixels. {_too_many(pixels)}")
    if width < 1 or height < 1:
        raise BadInputError("The picture has no pixels. Choose another one.")


def _too_many(pixels: int) -> str:
    return f"Pictures of more than {pixels / 1e6:g} megapixels are not decoded. Make it smaller and send it again."
