"""Preprocessing as data: training, evaluation and service read the same description.

The defaults are those of the published Quick Draw bitmaps.
"""

from typing import Literal

from atelier.preprocessing.raster import LINE_DIAMETER, PADDING, SIZE
from atelier.settings import Settings


class DrawingInput(Settings):
    """How strokes or an image become the model's input: white strokes on black, uint8 (batch, size, size).

    The defaults are those of the published Quick Draw bitmaps: a 256-unit drawing, padded, drawn with a round pen.
    """

    kind: Literal["drawing"] = "drawing"
    size: int = SIZE
    line_diameter: float = LINE_DIAMETER
    """Pen width in units of the 256-unit drawing."""
    padding: float = PADDING
    """Empty border on each side, in the same units."""


class PhotoInput(Settings):
    """How a photo becomes the model's input: RGB, uint8 or float32 by the type of the graph's input."""

    kind: Literal["photo"] = "photo"
    size: tuple[int, int] | None = None
    """(height, width); None where the model takes any size."""
    reach: int | None = None
    """Largest distance in pixels between an output pixel and an input pixel that it depends on. None: all output pixels
    depend on the whole image, so that it cannot be computed in tiles."""
    multiple: int = 1
    """Tiles must begin at multiples of this many pixels to give the same result as the whole image."""
