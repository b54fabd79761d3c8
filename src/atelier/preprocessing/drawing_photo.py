"""A picture of a drawing, of any size and either colouring, as the bitmap that the model learned from.

The published bitmaps show white strokes of one width on black, cropped to the drawing, scaled and centred. A photo of
paper or a screenshot is none of that: its ink is found against the background, cropped, brought to the pen width of the
bitmaps by growing or shrinking it, and scaled so that the ink's box has the size it has in the bitmaps.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from atelier.errors import BadInputError
from atelier.preprocessing.images import Grey
from atelier.preprocessing.raster import UNITS
from atelier.preprocessing.spec import DrawingInput

WORKING_SIDE = 1024
"""Larger pictures are reduced to this many pixels a side first."""
OVERSAMPLING = 8
"""Working pixels a side of one pixel of the bitmap."""
LEAST_CONTRAST = 24
"""Grey levels by which ink must differ from the background to count."""
SPECK = 0.02
"""Ink in a row or column shorter than this share of the longest one is taken for dust at the border of the crop."""
Mask = NDArray[np.bool_]


def drawing_from_picture(grey: Grey, preprocessing: DrawingInput) -> Grey:
    """The model's input for one picture.

    Parameters
    ----------
    grey
        uint8 (height, width), any size; dark on light or light on dark.
    preprocessing
        Size, pen width and padding of the model's bitmaps.

    Returns
    -------
    uint8 (size, size), white on black. A picture that has this size already is one of the bitmaps: it is only
    inverted where it is dark on light.

    Raises
    ------
    BadInputError
        When nothing in the picture stands out.
    """
    size = preprocessing.size
    if grey.shape == (size, size):
        return grey if _border_level(grey) < 128 else 255 - grey
    ink = _crop(_find_ink(_reduce(grey)))
    # The ink's box: the drawing's 256 units and half a pen on each side, of the whole with its padding.
    units = UNITS + preprocessing.line_diameter
    box = size * OVERSAMPLING * units / (units + 2 * preprocessing.padding)
    pen = box * preprocessing.line_diameter / units
    return _centre(_redraw(ink, box, pen), size)


def _reduce(grey: Grey) -> Grey:
    factor = -(-max(grey.shape) // WORKING_SIDE)
    return np.asarray(Image.fromarray(grey).reduce(factor)) if factor > 1 else grey


def _border_level(grey: Grey) -> float:
    return float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))


def _find_ink(grey: Grey) -> Grey:
    """How much each pixel differs from the background (the border's median) on the ink's side, stretched to 0..255."""
    level = _border_level(grey)
    plane = grey.astype(np.float32)
    dark = float(np.maximum(level - plane, 0).sum()) > float(np.maximum(plane - level, 0).sum())
    difference = (level - plane) if dark else (plane - level)
    difference = np.maximum(difference, 0)
    strongest = float(np.percentile(difference, 99.9)) if difference.size > 4096 else float(difference.max())
    strongest = max(strongest, float(difference.max()) * 0.5)
    if strongest < LEAST_CONTRAST:
        raise BadInputError(
            "No drawing can be made out, the picture is nearly one colour. Draw darker, or crop to the drawing."
        )
    ink: Grey = np.clip(difference * (255 / strongest), 0, 255).astype(np.uint8)
    return ink


def _threshold(ink: Grey) -> int:
    """Otsu's threshold (1979): the level that separates the two classes of pixels best."""
    histogram = np.bincount(ink.ravel(), minlength=256).astype(np.float64)
    below = np.cumsum(histogram)
    above = below[-1] - below
    mass = np.cumsum(histogram * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mass[-1] * below / below[-1] - mass) ** 2 / (below * above)
    return int(np.nanargmax(np.where(np.isfinite(between), between, 0))) + 1


def _crop(ink: Grey) -> Grey:
    """The box of what is clearly ink, without specks of dust far from the drawing; fainter levels become background."""
    threshold = _threshold(ink)
    mask = ink >= threshold
    top, bottom = _extent(mask.sum(axis=1))
    left, right = _extent(mask.sum(axis=0))
    box = ink[top:bottom, left:right].astype(np.float32)
    faint = threshold / 2
    cropped: Grey = np.clip((box - faint) * (255 / max(threshold - faint, 1)), 0, 255).astype(np.uint8)
    return cropped


def _extent(counts: NDArray[np.integer]) -> tuple[int, int]:
    used = np.flatnonzero(counts > max(0, SPECK * int(counts.max()) - 1))
    return int(used[0]), int(used[-1]) + 1


def _redraw(ink: Grey, box: float, pen: float) -> Grey:
    """Scale the ink so that, once its lines are `pen` pixels wide, its longer side is `box` pixels."""
    width, side = _line_width(ink), max(ink.shape)
    factor = min((box - pen) / max(side - width, 1), (box + pen) / side)
    image = Image.fromarray(ink)
    if width * factor < 1:  # the lines would fade by shrinking
        image = _change_width(image, 1 / factor - width)
    shape = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    image = image.resize(shape, Image.Resampling.BOX if factor < 1 else Image.Resampling.BILINEAR)
    by = pen - _line_width(np.asarray(image))
    return np.asarray(_change_width(image, max(by, -pen)))


def _change_width(image: Image.Image, by: float) -> Image.Image:
    """Make lines wider or thinner by a number of pixels, half of it on each side."""
    steps = round(abs(by) / 2)
    if by > 0:
        image = ImageOps.expand(image, steps)
    one_pixel = ImageFilter.MaxFilter(3) if by > 0 else ImageFilter.MinFilter(3)
    for _ in range(steps):
        image = image.filter(one_pixel)
    return image


def _line_width(ink: Grey) -> float:
    """Mean width of the lines, in pixels: twice the area over the outline's length.

    The outline is counted along the grid, which is 4/π times its length on average over directions.
    """
    mask = np.pad(ink >= 128, 1)
    area = float(mask.sum())
    outline = float((mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()) * np.pi / 4
    return 2 * area / outline if outline else 0.0


def _centre(ink: Grey, size: int) -> Grey:
    canvas = Image.new("L", (size * OVERSAMPLING, size * OVERSAMPLING))
    height, width = ink.shape
    canvas.paste(Image.fromarray(ink), ((canvas.width - width) // 2, (canvas.height - height) // 2))
    return np.asarray(canvas.reduce(OVERSAMPLING))
