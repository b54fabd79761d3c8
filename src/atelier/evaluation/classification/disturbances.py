"""How well a classifier of photos stands worse photos: darker, brighter, blurred, compressed, noisy, turned."""

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from atelier.preprocessing.images import ImageArray


def _compressed(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "jpeg", quality=15)
    return Image.open(buffer).convert("RGB")


DISTURBANCES: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "dark": lambda image: ImageEnhance.Brightness(image).enhance(0.5),
    "bright": lambda image: ImageEnhance.Brightness(image).enhance(1.5),
    "blur": lambda image: image.filter(ImageFilter.GaussianBlur(image.width / 80)),
    "jpeg": _compressed,
    "rotation": lambda image: image.rotate(15, Image.Resampling.BILINEAR, fillcolor=(127, 127, 127)),
}
"""Name → the change: half and one and a half times the brightness, a blur of 1/80 of the width, JPEG quality 15, a
rotation by 15 degrees."""


def disturbed(image: ImageArray, name: str) -> ImageArray:
    """A photo, uint8 (height, width, 3), after one of `DISTURBANCES`."""
    return np.asarray(DISTURBANCES[name](Image.fromarray(image)))
