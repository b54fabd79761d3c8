"""Photos and style images as they come in: upright, in sRGB, and no larger than what is computed with."""

import io
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms

from atelier.errors import BadInputError
from atelier.predictors.stylizer import MIN_SIDE
from atelier.preprocessing.images import DEEP_MODES, Picture, Rejected, load_reduced, orientation, to_rgb, upright
from atelier.service.http.limits import LIMITS
from atelier.service.http.uploads import what_to_do

Size = tuple[int, int]
"""(width, height)."""


@dataclass(frozen=True)
class Photo:
    """A picture to compute with."""

    pixels: Picture
    sent: Size
    """(width, height) that the file holds, after turning upright."""

    @property
    def size(self) -> Size:
        height, width = self.pixels.shape[:2]
        return width, height


def open_photo(name: str, content: bytes, longest: int) -> Photo:
    """Decode a photo: upright, sRGB, transparent parts white, of an animation the first frame.

    Parameters
    ----------
    name
        What messages call it: the part of the form.
    content
        The file.
    longest
        Pixels that the long side may have; a larger photo is made smaller (Lanczos).

    Raises
    ------
    BadInputError
        When the file is no picture, broken or too large, or a side has, then, fewer than `MIN_SIDE` pixels.
    """
    try:
        stored, (width, height) = load_reduced(content, longest, LIMITS.pixels)
        sent = (height, width) if orientation(stored) in (5, 6, 7, 8) else (width, height)
        size = _fitted(name, sent, longest)
        picture = upright(to_srgb(stored), stored)
    except Rejected as rejected:
        raise BadInputError(f"{name}: {what_to_do(rejected)}") from None
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    return Photo(np.asarray(picture), sent)


def _fitted(name: str, sent: Size, longest: int) -> Size:
    """The size to compute with."""
    factor = min(1.0, longest / max(sent))
    width, height = (round(side * factor) for side in sent)
    if min(sent) < MIN_SIDE:
        raise BadInputError(
            f"{name}: The picture has {sent[0]} x {sent[1]} pixels, and each side needs at least {MIN_SIDE}. "
            "Send a larger one."
        )
    if min(width, height) < MIN_SIDE:
        raise BadInputError(
            f"{name}: The picture has {sent[0]} x {sent[1]} pixels, which is too narrow: made {longest} pixels long, "
            f"it would be {width} x {height}, and each side needs at least {MIN_SIDE}. Cut off a part and send that."
        )
    return width, height


def to_srgb(stored: Image.Image) -> Image.Image:
    """The same picture in mode RGB, its colours those that an embedded ICC profile means.

    A profile that cannot be read, or that is not for this kind of colours, says nothing.

    Raises
    ------
    Rejected
        As `atelier.preprocessing.images.to_rgb`.
    """
    profile = stored.info.get("icc_profile")
    if profile:
        with suppress(Exception):  # untrusted bytes in a decoder
            return _converted(stored, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return to_rgb(stored)


def _converted(stored: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    space = profile.profile.xcolor_space.strip()
    grey = stored.mode in ("1", "L", "LA", "La") or stored.mode in DEEP_MODES
    if space == "CMYK" == stored.mode:
        picture = stored
    elif space == "GRAY" and grey:
        picture = to_rgb(stored).convert("L")
    elif space == "RGB" and stored.mode != "CMYK":
        picture = to_rgb(stored)  # before the profile: white stays white
    else:
        raise ValueError(f"a profile for {space} in a picture of {stored.mode}")
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    srgb = ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(picture, profile, srgb, intent, outputMode="RGB")
    if converted is None:  # only when done in place
        raise ValueError("no picture")
    return converted
