"""Reduce large images before they are converted, so that no conversion needs memory for a whole large image."""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from atelier.preprocessing.images import DEEP_MODES, Rejected, from_deep

BAND = 256
"""Number of rows that are converted at a time."""
_PLAIN_MODES = ("L", "RGB", "CMYK", "YCbCr", "LAB")
"""Modes whose channels can be averaged as they are stored."""


def shrink(image: Image.Image, side: int) -> Image.Image:
    """Reduce an image by a whole factor, to a longer side of at least `side` pixels. Smaller images stay as they are.

    Parameters
    ----------
    image
        Of any mode. Images with a palette or with deep channels become RGB, RGBA or L on the way.

    Raises
    ------
    Rejected
        `unsupported colours`, where Pillow cannot convert them.
    """
    factor = max(image.size) // side
    if factor < 2:
        return image
    if image.mode in _PLAIN_MODES and not image.has_transparency_data:
        return image.reduce(factor)
    try:
        small = _in_bands(image, factor, _conversion(image))
    except Exception as error:  # Pillow does not convert between all of its modes
        raise Rejected("unsupported colours", str(error)[:100]) from None
    small.info = {name: value for name, value in image.info.items() if name != "transparency"}
    return small


def _conversion(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """How a band of the image becomes a mode whose channels can be averaged."""
    if image.mode in DEEP_MODES:
        top = float(image.getextrema()[1])  # type: ignore[arg-type]  # one channel
        largest = top if math.isfinite(top) else None
        return lambda band: Image.fromarray(from_deep(np.asarray(band), largest))
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode == "1" else "RGB"
    return lambda band: band.convert(mode)


def _in_bands(image: Image.Image, factor: int, convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    width, height = image.size
    rows = factor * max(1, BAND // factor)
    bands = [
        convert(image.crop((0, top, width, min(top + rows, height)))).reduce(factor) for top in range(0, height, rows)
    ]
    small = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    top = 0
    for band in bands:
        small.paste(band, (0, top))
        top += band.height
    return small
