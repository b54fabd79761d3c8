"""Images as responses: stylized photos, and generated drawings in a grid. Each has its provenance with it."""

import base64
import io
import json
from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from starlette.responses import Response

from atelier.preprocessing.images import ImageArray
from atelier.service.http.provenance import as_text, headers_of
from atelier.settings import Settings

Drawings = NDArray[np.uint8]

PNG = "image/png"
IMAGE_FORMATS = {PNG: "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
"""Media type → Pillow's name of the format. The first is the default."""
QUALITY = 92
IMAGE_DESCRIPTION = 0x010E
"""Tag of EXIF."""

FACTOR = 4
"""Enlargement of drawings in a grid: a drawing of 28 pixels a side becomes 112 pixels wide."""
GAP = 4
"""Margin around each drawing, in pixels of the drawing."""
GREYS = 16
"""Gray levels of a grid: four bits a pixel, which halves the time for compression. The difference is not visible."""
FAINT, FULL = 0.2, 0.9
"""Strokes fainter than the first share become white, strokes stronger than the second become black. Enlarging blurs
the edges of a line, and this makes them sharp again."""


def image_response(image: ImageArray, provenance: Settings, media_type: str) -> Response:
    """An image file with its provenance in the headers and in its metadata.

    A PNG has one text per value. JPEG and WebP have all values as JSON in ImageDescription of EXIF.

    Parameters
    ----------
    image
        uint8 (height, width, 3), RGB.
    media_type
        One of `IMAGE_FORMATS`.
    """
    options = _metadata(media_type, as_text(provenance))
    options |= {"compress_level": 3} if media_type == PNG else {"quality": QUALITY}
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, IMAGE_FORMATS[media_type], **options)
    return Response(buffer.getvalue(), media_type=media_type, headers=headers_of(provenance))


def grid_response(drawings: Drawings, provenance: Settings) -> Response:
    """Drawings in a grid as PNG, with their provenance in the headers and in the texts of the file."""
    buffer = io.BytesIO()
    metadata = _metadata(PNG, as_text(provenance))
    drawing_grid(drawings).save(buffer, "PNG", compress_level=1, bits=4, **metadata)
    return Response(buffer.getvalue(), media_type=PNG, headers=headers_of(provenance))


def _metadata(media_type: str, texts: dict[str, str]) -> dict[str, object]:
    """Options of Pillow's `save` that write texts into a file."""
    if media_type == PNG:
        info = PngInfo()
        for name, value in texts.items():
            info.add_text(name, value)
        return {"pnginfo": info}
    exif = Image.Exif()
    exif[IMAGE_DESCRIPTION] = json.dumps(texts)
    return {"exif": exif.tobytes()}


def drawing_grid(drawings: Drawings) -> Image.Image:
    """Drawings in black on white, row by row, in a grid that is as square as their number allows.

    Parameters
    ----------
    drawings
        uint8 (n, height, width), n at least 1; 255 is a white stroke on black.

    Returns
    -------
    Image with `GREYS` grey levels. The drawings are `FACTOR` times as large (bicubic), with `GAP` between them.
    """
    count, height, width = drawings.shape
    columns = isqrt(count - 1) + 1
    rows = ceil(count / columns)
    grid = np.zeros((GAP + rows * (height + GAP), GAP + columns * (width + GAP)), np.uint8)
    for index, drawing in enumerate(drawings):
        row, column = divmod(index, columns)
        top, left = GAP + row * (height + GAP), GAP + column * (width + GAP)
        grid[top : top + height, left : left + width] = drawing
    small = Image.fromarray(grid)
    large = small.resize((small.width * FACTOR, small.height * FACTOR), Image.Resampling.BICUBIC).point(_grey_levels())
    large.putpalette([level for grey in range(GREYS) for level in [grey * 255 // (GREYS - 1)] * 3])
    return large


def _grey_levels() -> list[int]:
    """Stroke 0..255 → grey level 0..15, 0 is black: a smoothstep from `FAINT` to `FULL`."""
    share = np.clip((np.arange(256) / 255 - FAINT) / (FULL - FAINT), 0, 1)
    return [int(grey) for grey in np.rint((GREYS - 1) * (1 - share**2 * (3 - 2 * share)))]


def data_url(image: NDArray[np.uint8]) -> str:
    """An image, uint8 (height, width) or (height, width, 3), as the `data:` URL of a PNG of the same size."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
