"""Pictures from strangers: opened safely, and turned into one grey plane whatever they were stored as."""

import numpy as np
from PIL import Image, ImageOps

from atelier.errors import BadInputError
from atelier.preprocessing.images import DEEP_MODES, FORMATS, GrayArray, Rejected, from_deep, load
from atelier.service.http.limits import LIMITS


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
    try:
        picture = load(content, pixels)
        # In 16 bits some Pillow operations are missing; a turned drawing of that kind keeps lying on its side.
        return picture if picture.mode in DEEP_MODES else ImageOps.exif_transpose(picture)
    except Rejected as rejected:
        raise BadInputError(what_to_do(rejected, pixels)) from None
    except Exception as error:  # EXIF data are untrusted bytes, too
        raise BadInputError(_damaged(str(error)[:100] or type(error).__name__)) from None


def what_to_do(rejected: Rejected, pixels: int = LIMITS.pixels) -> str:
    """A sentence for a person whose picture is not read."""
    if rejected.reason == "empty file":
        return "The file is empty. Choose a picture that opens on your own computer."
    if rejected.reason == "not an image":
        return f"The file is not a picture. Send one of: {', '.join(FORMATS)}."
    if rejected.reason == "too many pixels":
        limit = f"Pictures of more than {pixels / 1e6:g} megapixels are not decoded."
        return f"The picture has {rejected.detail}. {limit} Make it smaller and send it again."
    if rejected.reason == "unsupported colours":
        return _unread(rejected.detail)
    return _damaged(rejected.detail)


def _damaged(reason: str) -> str:
    return f"The picture is damaged or cut off ({reason}). Save it again and resend it."


def _unread(reason: str) -> str:
    return f"The picture's colours are not read ({reason}). Save it in RGB or grey and send it again."


def to_grey(picture: Image.Image) -> GrayArray:
    """Grey levels, uint8 (height, width). Transparency becomes whichever of white and black the rest stands out on.

    Raises
    ------
    BadInputError
        When Pillow does not convert the picture's kind of colours.
    """
    try:
        return _to_grey(picture)
    except Exception as error:  # Pillow converts between most of its modes, not between all
        raise BadInputError(_unread(str(error)[:100] or type(error).__name__)) from None


def _to_grey(picture: Image.Image) -> GrayArray:
    if picture.mode in DEEP_MODES:
        return from_deep(np.asarray(picture))
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
