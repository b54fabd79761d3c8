"""Uploaded images, decoded safely: drawings as gray levels, photos and style images in sRGB and in a limited size."""

from dataclasses import dataclass

from atelier.predictors.stylizer import MIN_SIDE
from atelier.preprocessing.images import Fit, GrayArray, ImageArray, Rejected
from atelier.service.http.decoder import Decoder
from atelier.service.http.errors import BadImageError
from atelier.service.http.limits import LIMITS

Size = tuple[int, int]
"""(width, height) in pixels."""
DECODER = Decoder(LIMITS.decode_s)
FORMATS = "PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF"


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


def open_drawing(content: bytes) -> GrayArray:
    """Decode an image of a drawing: upright gray levels, uint8 (height, width), reduced if it is large.

    Raises
    ------
    BadInputError
        If the file is not an image, damaged, too large or takes too long to decode.
    """
    try:
        return DECODER.drawing(content, LIMITS.drawing_pixels)
    except Rejected as rejected:
        raise BadImageError(rejection_message(rejected, LIMITS.drawing_pixels), rejected.reason) from None


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
        If the file is not an image, damaged, too large or takes too long to decode, or if a side is shorter than
        `MIN_SIDE` pixels after scaling.
    """
    try:
        photo = Photo(*DECODER.photo(content, max_side, LIMITS.pixels))
    except Rejected as rejected:
        raise BadImageError(f"{name}: {rejection_message(rejected, LIMITS.pixels)}", rejected.reason) from None
    _check_size(name, photo, max_side)
    return photo


def open_square(name: str, content: bytes, size: int, fit: Fit) -> ImageArray:
    """Decode a photo to a square, uint8 (size, size, 3), as photos are prepared for training.

    Raises
    ------
    BadInputError
        If the file is not an image, damaged, too large or takes too long to decode.
    """
    try:
        return DECODER.square(content, size, LIMITS.pixels, fit)
    except Rejected as rejected:
        raise BadImageError(f"{name}: {rejection_message(rejected, LIMITS.pixels)}", rejected.reason) from None


def _check_size(name: str, photo: Photo, max_side: int) -> None:
    uploaded, (width, height) = photo.uploaded_size, photo.size
    found = f"{name}: The image has {uploaded[0]} x {uploaded[1]} pixels"
    if min(uploaded) < MIN_SIDE:
        message = f"{found}, and each side needs at least {MIN_SIDE}. Send a larger image."
        raise BadImageError(message, "too small")
    if min(width, height) < MIN_SIDE:
        message = (
            f"{found}, which is too narrow: scaled down to {max_side} pixels, it would be {width} x {height}, and "
            f"each side needs at least {MIN_SIDE}. Crop it and send the part you want."
        )
        raise BadImageError(message, "too narrow")


DAMAGED = "The image is damaged or cut off. Save it again and send the new file."
MESSAGES = {
    "empty file": "The file is empty. Choose an image that opens on your own computer.",
    "not an image": f"The file is not an image. Send one of: {FORMATS}.",
    "too many scans": "The JPEG has too many scans. Save it again with another program and send the new file.",
    "too slow": "The image takes too long to decode. Save it again as JPEG or PNG and send the new file.",
    "unsupported colours": "The image's colours cannot be read. Save it in RGB or grey and send it again.",
}
"""Reason → message. Words of the decoders themselves are not for users."""


def rejection_message(rejected: Rejected, pixels: int) -> str:
    """The message for a user whose image cannot be used: what is wrong and what to do.

    Parameters
    ----------
    pixels
        Maximum number of pixels.
    """
    if rejected.reason == "too many pixels":
        found = rejected.detail if rejected.detail.endswith("pixels") else "too many pixels"
        limit = f"Images of more than {pixels / 1e6:g} megapixels are not decoded."
        return f"The image has {found}. {limit} Scale it down and send it again."
    return MESSAGES.get(rejected.reason, DAMAGED)
