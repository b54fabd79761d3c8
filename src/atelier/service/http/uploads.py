"""Uploaded images, decoded safely: drawings as grey levels, photos and style images in sRGB and in a limited size."""

import io
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, ImageOps

from atelier.errors import BadInputError
from atelier.predictors.stylizer import MIN_SIDE
from atelier.preprocessing.images import (
    DEEP_MODES,
    FORMATS,
    GrayArray,
    ImageArray,
    Rejected,
    from_deep,
    load,
    load_reduced,
    orientation,
    to_rgb,
    upright,
)
from atelier.service.http.limits import LIMITS

Size = tuple[int, int]
"""(width, height) in pixels."""


@dataclass(frozen=True)
class Photo:
    """A photo or a style image."""

    pixels: ImageArray
    uploaded_size: Size
    """Size of the uploaded image, after rotation as its EXIF data says."""

    @property
    def size(self) -> Size:
        height, width = self.pixels.shape[:2]
        return width, height


def open_image(content: bytes, pixels: int = LIMITS.pixels) -> Image.Image:
    """Decode an image and rotate it as its EXIF data says. Of an animation only the first frame is read.

    Parameters
    ----------
    content
        The file.
    pixels
        Maximum number of pixels, checked in the header before the image is decoded.

    Raises
    ------
    BadInputError
        If the file is empty, not an image, too large or damaged.
    """
    try:
        image = load(content, pixels)
        # Pillow cannot rotate images of these modes.
        return image if image.mode in DEEP_MODES else ImageOps.exif_transpose(image)
    except Rejected as rejected:
        raise BadInputError(rejection_message(rejected, pixels)) from None
    except Exception as error:  # malformed EXIF data raises all kinds of errors
        raise BadInputError(_damaged(str(error)[:100] or type(error).__name__)) from None


def open_photo(name: str, content: bytes, max_side: int) -> Photo:
    """Decode a photo: upright, in sRGB, with white where it is transparent. Of an animation the first frame is read.

    Parameters
    ----------
    name
        The part of the form, which messages name.
    content
        The file.
    max_side
        Maximum length of the long side in pixels. A larger photo is scaled down (Lanczos).

    Raises
    ------
    BadInputError
        If the file is not an image, damaged or too large, or if a side is shorter than `MIN_SIDE` pixels after scaling.
    """
    try:
        stored, (width, height) = load_reduced(content, max_side, LIMITS.pixels)
        uploaded_size = (height, width) if orientation(stored) in (5, 6, 7, 8) else (width, height)
        size = _scaled_size(name, uploaded_size, max_side)
        image = upright(to_srgb(stored), stored)
    except Rejected as rejected:
        raise BadInputError(f"{name}: {rejection_message(rejected)}") from None
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    return Photo(np.asarray(image), uploaded_size)


def _scaled_size(name: str, uploaded: Size, max_side: int) -> Size:
    factor = min(1.0, max_side / max(uploaded))
    width, height = (round(side * factor) for side in uploaded)
    found = f"{name}: The image has {uploaded[0]} x {uploaded[1]} pixels"
    if min(uploaded) < MIN_SIDE:
        raise BadInputError(f"{found}, and each side needs at least {MIN_SIDE}. Send a larger image.")
    if min(width, height) < MIN_SIDE:
        raise BadInputError(
            f"{found}, which is too narrow: scaled down to {max_side} pixels, it would be {width} x {height}, and "
            f"each side needs at least {MIN_SIDE}. Crop it and send the part you want."
        )
    return width, height


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


def to_grey(image: Image.Image) -> GrayArray:
    """Gray levels. Transparent parts become white or black, whichever contrasts with the rest.

    Raises
    ------
    BadInputError
        If Pillow cannot convert the image's mode.
    """
    try:
        return _to_grey(image)
    except Exception as error:  # Pillow cannot convert every mode to every other
        raise BadInputError(_unsupported_colours(str(error)[:100] or type(error).__name__)) from None


def _to_grey(image: Image.Image) -> GrayArray:
    if image.mode in DEEP_MODES:
        return from_deep(np.asarray(image))
    if image.mode == "LAB":  # Pillow cannot convert it; its first channel is the lightness
        return np.asarray(image.getchannel(0))
    if not image.has_transparency_data:
        return np.asarray(image.convert("L"))
    grey, alpha = (np.asarray(plane, np.float32) for plane in image.convert("RGBA").convert("LA").split())
    opacity = alpha / 255
    visible = float(opacity.sum())
    dark = visible == 0 or float((grey * opacity).sum()) / visible < 128
    background = 255.0 if dark else 0.0
    return np.rint(grey * opacity + background * (1 - opacity)).astype(np.uint8)


def rejection_message(rejected: Rejected, pixels: int = LIMITS.pixels) -> str:
    """The message for a user whose image cannot be used: what is wrong and what to do."""
    if rejected.reason == "empty file":
        return "The file is empty. Choose an image that opens on your own computer."
    if rejected.reason == "not an image":
        return f"The file is not an image. Send one of: {', '.join(FORMATS)}."
    if rejected.reason == "too many pixels":
        limit = f"Images of more than {pixels / 1e6:g} megapixels are not decoded."
        return f"The image has {rejected.detail}. {limit} Scale it down and send it again."
    if rejected.reason == "unsupported colours":
        return _unsupported_colours(rejected.detail)
    return _damaged(rejected.detail)


def _damaged(reason: str) -> str:
    return f"The image is damaged or cut off ({reason}). Save it again and send the new file."


def _unsupported_colours(reason: str) -> str:
    return f"The image's colours cannot be read ({reason}). Save it in RGB or grey and send it again."
