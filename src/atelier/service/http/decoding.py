"""What is done with an uploaded image from its bytes to an array of bounded size.

These functions run in a process of their own (`decoder`), because a decoder cannot be interrupted. They import nothing
of the service.
"""

import io
from contextlib import suppress

import numpy as np
from PIL import Image, ImageCms

from atelier.preprocessing.images import (
    DEEP_MODES,
    GrayArray,
    ImageArray,
    Rejected,
    from_deep,
    load_reduced,
    orientation,
    to_rgb,
    upright,
)
from atelier.preprocessing.shrink import shrink

Size = tuple[int, int]
"""(width, height) in pixels."""
DRAWING_SIDE = 1600
"""Drawings are reduced to a longer side of less than twice this many pixels."""


def decode_photo(content: bytes, max_side: int, pixels: int) -> tuple[ImageArray, Size]:
    """Decode a photo: upright, in sRGB, with white where it is transparent. Of an animation the first frame is read.

    Parameters
    ----------
    content
        The file.
    max_side
        Maximum length of the long side in pixels. A larger photo is scaled down (Lanczos).
    pixels
        Maximum number of pixels of the file.

    Returns
    -------
    uint8 (height, width, 3), and the size of the file's image when it is upright.

    Raises
    ------
    Rejected
        As `atelier.preprocessing.images.decode`.
    """
    stored, (width, height) = load_reduced(content, max_side, pixels)
    size = (height, width) if orientation(stored) in (5, 6, 7, 8) else (width, height)
    image = upright(to_srgb(shrink(stored, 2 * max_side)), stored)
    factor = min(1.0, max_side / max(size))
    scaled = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
    if image.size != scaled:
        image = image.resize(scaled, Image.Resampling.LANCZOS, reducing_gap=3)
    return np.asarray(image), size


def decode_drawing(content: bytes, pixels: int) -> GrayArray:
    """Decode an image of a drawing: upright gray levels, uint8 (height, width), of an animation the first frame.

    Raises
    ------
    Rejected
        As `atelier.preprocessing.images.decode`.
    """
    stored, _ = load_reduced(content, DRAWING_SIDE, pixels)
    gray = to_gray(shrink(stored, DRAWING_SIDE))
    return np.asarray(upright(Image.fromarray(gray), stored))


def to_srgb(stored: Image.Image) -> Image.Image:
    """The image in mode RGB, converted to sRGB if it has an ICC profile.

    A profile that cannot be read or does not fit the image's mode is ignored.

    Raises
    ------
    Rejected
        As `atelier.preprocessing.images.to_rgb`.
    """
    profile = stored.info.get("icc_profile")
    if profile:
        with suppress(Exception):  # malformed profiles raise all kinds of errors
            return _convert(stored, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return to_rgb(stored)


def _convert(stored: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    space = profile.profile.xcolor_space.strip()
    grey = stored.mode in ("1", "L", "LA", "La") or stored.mode in DEEP_MODES
    if space == "CMYK" == stored.mode:
        image = stored
    elif space == "GRAY" and grey:
        image = to_rgb(stored).convert("L")
    elif space == "RGB" and stored.mode != "CMYK":
        image = to_rgb(stored)  # before the conversion, so that transparent parts become pure white
    else:
        raise ValueError(f"The profile is for {space}, the image has mode {stored.mode}.")
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    srgb = ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, profile, srgb, intent, outputMode="RGB")
    if converted is None:  # only for conversions in place
        raise ValueError("There is no converted image.")
    return converted


def to_gray(image: Image.Image) -> GrayArray:
    """Gray levels. Transparent parts become white or black, whichever contrasts with the rest.

    Raises
    ------
    Rejected
        `unsupported colours`, if Pillow cannot convert the image's mode.
    """
    try:
        return _to_gray(image)
    except Exception as error:  # Pillow cannot convert every mode to every other
        raise Rejected("unsupported colours", str(error)[:100]) from None


def _to_gray(image: Image.Image) -> GrayArray:
    if image.mode in DEEP_MODES:
        return from_deep(np.asarray(image))
    if image.mode == "LAB":  # Pillow cannot convert it; its first channel is the lightness
        return np.asarray(image.getchannel(0))
    if not image.has_transparency_data:
        return np.asarray(image.convert("L"))
    gray, alpha = (np.asarray(plane, np.float32) for plane in image.convert("RGBA").convert("LA").split())
    opacity = alpha / 255
    visible = float(opacity.sum())
    dark = visible == 0 or float((gray * opacity).sum()) / visible < 128
    background = 255.0 if dark else 0.0
    return np.rint(gray * opacity + background * (1 - opacity)).astype(np.uint8)
