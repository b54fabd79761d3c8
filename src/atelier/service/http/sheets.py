"""Drawings as pictures for people: black ink on white paper, one drawing alone or many on a sheet."""

import base64
import io
from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from starlette.responses import Response

from atelier.service.http.provenance import headers_of, told
from atelier.settings import Settings

Drawings = NDArray[np.uint8]

PNG = "image/png"
FACTOR = 4
"""Pixels a side that a pixel of a drawing becomes: 112 for a drawing of 28."""
GAP = 4
"""Empty paper around each drawing, in the drawing's pixels."""
GREYS = 16
"""Few enough for four bits a pixel, which halves the time that packing takes; nobody sees the difference."""
FAINT, FULL = 0.2, 0.9
"""Ink up to the first share of a pixel is left out of a sheet, from the second on it is black. Enlarging blurs the
edges of a line; this curve makes them as sharp as a pen's."""


def draw_sheet(drawings: Drawings) -> Image.Image:
    """All drawings on one sheet, row by row, in a grid that is as square as their number allows.

    Parameters
    ----------
    drawings
        uint8 (n, height, width), n at least 1, 255 a white stroke on black.

    Returns
    -------
    Image of 16 greys, `FACTOR` times as large as the drawings (bicubic), with `GAP` between them.
    """
    count, height, width = drawings.shape
    columns = isqrt(count - 1) + 1
    rows = ceil(count / columns)
    sheet = np.zeros((GAP + rows * (height + GAP), GAP + columns * (width + GAP)), np.uint8)
    for place, drawing in enumerate(drawings):
        top, left = (
            GAP + step * (side + GAP) for step, side in zip(divmod(place, columns), (height, width), strict=True)
        )
        sheet[top : top + height, left : left + width] = drawing
    small = Image.fromarray(sheet)
    large = small.resize((small.width * FACTOR, small.height * FACTOR), Image.Resampling.BICUBIC).point(_pen())
    large.putpalette([level for grey in range(GREYS) for level in [grey * 255 // (GREYS - 1)] * 3])
    return large


def _pen() -> list[int]:
    """White stroke 0..255 → grey 0..15, 0 black: a smoothstep from `FAINT` to `FULL`."""
    share = np.clip((np.arange(256) / 255 - FAINT) / (FULL - FAINT), 0, 1)
    return [int(grey) for grey in np.rint((GREYS - 1) * (1 - share**2 * (3 - 2 * share)))]


def sheet_response(drawings: Drawings, about: Settings) -> Response:
    """A sheet as PNG that says where it comes from.

    Every text and number of `about` becomes a text of the file, `seed: 7`, and a header, `Atelier-Seed: 7`, so that a
    saved picture can be traced as any other answer. Headers are percent-encoded where they leave ASCII.
    """
    texts = PngInfo()
    for name, value in told(about).items():
        texts.add_text(name, value)
    buffer = io.BytesIO()
    draw_sheet(drawings).save(buffer, "PNG", compress_level=1, bits=4, pnginfo=texts)
    return Response(buffer.getvalue(), media_type=PNG, headers=headers_of(about))


def data_url(drawing: Drawings) -> str:
    """One drawing, uint8 (height, width), as the address of a PNG of its own size, black on white."""
    buffer = io.BytesIO()
    Image.fromarray(255 - drawing).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
