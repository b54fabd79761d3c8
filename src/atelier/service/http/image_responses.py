"""Painted photos as they go out: PNG, JPEG or WebP, each saying where it comes from."""

import io
import json

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydantic import ConfigDict, Field
from starlette.responses import Response

from atelier.preprocessing.images import ImageArray
from atelier.service.http.photos import Photo
from atelier.service.http.provenance import headers_of, told
from atelier.settings import Settings

KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
"""Media type → Pillow's name of the format. The first is what a request gets that does not say."""
QUALITY = 92
IMAGE_DESCRIPTION = 0x010E


class Origin(Settings):
    """All that is needed to ask for the same picture again; its headers and its metadata have it."""

    # The documentation turns this schema into headers where it finds the format.
    model_config = ConfigDict(json_schema_extra={"format": "binary"})
    family: str
    version: str
    styles: str = Field(description='JSON: the styles with their shares, all together 1, such as {"a": 1.0}.')
    strength: float
    keep_colours: bool
    size: str = Field(description="Of the answer, such as 1024x768: width, height.")
    scaled: str | None = Field(
        None, description="Only where the photo was made smaller, such as 4032x3024 to 1024x768."
    )


def shares_of(weights: dict[str, float]) -> str:
    """The styles as an `Origin` tells them: JSON, as `POST /stylize` takes it."""
    return json.dumps({name: round(weight, 4) for name, weight in weights.items()}, ensure_ascii=False)


def sizes_of(photo: Photo) -> dict[str, str | None]:
    """The sizes as an `Origin` tells them."""
    sent, size = ("x".join(map(str, each)) for each in (photo.sent, photo.size))
    return {"size": size, "scaled": f"{sent} to {size}" if sent != size else None}


def picture_response(picture: ImageArray, origin: Origin, kind: str) -> Response:
    """A picture as a file of the media type `kind`, with its origin in the headers and in the file.

    In a PNG every value is a text of its own; JPEG and WebP have them as JSON in EXIF's ImageDescription.
    """
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, KINDS[kind], **_options(kind, told(origin)))
    return Response(buffer.getvalue(), media_type=kind, headers=headers_of(origin))


def _options(kind: str, texts: dict[str, str]) -> dict[str, object]:
    if kind == "image/png":
        info = PngInfo()
        for name, value in texts.items():
            info.add_text(name, value)
        return {"pnginfo": info, "compress_level": 3}
    exif = Image.Exif()
    exif[IMAGE_DESCRIPTION] = json.dumps(texts)
    return {"exif": exif.tobytes(), "quality": QUALITY}
