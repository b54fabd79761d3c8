"""Convert an image of a drawing, of any size, dark on light or light on dark, to a bitmap as in the training data.

The published bitmaps show white strokes of one width on black, cropped to the drawing, scaled and centred. In an image
the ink is separated from the paper (`ink`), its lines are thinned to their middles, scaled so that these have the size
that the strokes have in the bitmaps, and drawn again with the pen of the bitmaps.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from atelier.preprocessing.images import GrayArray
from atelier.preprocessing.ink import Ink, Mask, find_ink, line_width
from atelier.preprocessing.raster import UNITS
from atelier.preprocessing.spec import DrawingInput
from atelier.preprocessing.thinning import thin

OVERSAMPLING = 8
"""Working pixels per pixel of the bitmap, along each axis."""
FILLED = 0.8
"""Ink this many pen widths away from the paper is a filled area."""
BLACK = 16
"""At least half of a bitmap is darker than this level."""
TOLERANCE = 0.06
"""Largest difference of an image's margins from those of a bitmap, as a fraction of the side."""


def drawing_from_image(gray: GrayArray, preprocessing: DrawingInput) -> GrayArray:
    """The model's input for one image.

    Parameters
    ----------
    gray
        uint8 (height, width), any size; dark on light or light on dark.
    preprocessing
        Size, pen width and padding of the model's bitmaps.

    Returns
    -------
    uint8 (size, size), white on black. A bitmap as in the training data, also an enlarged one, is only scaled, and
    inverted where it is dark on light.

    Raises
    ------
    BadInputError
        If no drawing can be made out in the image. The message says what to do.
    """
    as_bitmap = _light_on_dark(gray)
    if _is_bitmap(as_bitmap, preprocessing):
        size = preprocessing.size
        return np.asarray(Image.fromarray(as_bitmap).resize((size, size), Image.Resampling.BOX))
    return _redraw(find_ink(gray), preprocessing)


def _light_on_dark(gray: GrayArray) -> GrayArray:
    edge = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    return gray if np.median(edge) < 128 else 255 - gray


def _is_bitmap(image: GrayArray, preprocessing: DrawingInput) -> bool:
    """Whether a light drawing lies in a square image as in a bitmap of the training data."""
    side = max(image.shape)
    units = UNITS + preprocessing.line_diameter + 2 * preprocessing.padding
    if side != min(image.shape) or side < preprocessing.size or np.percentile(image, 50) > BLACK:
        return False
    ink = image > 0.4 * image.max()
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return False
    margins = np.array([rows[0], side - 1 - rows[-1], columns[0], side - 1 - columns[-1]]) / side
    nominal, pen = preprocessing.padding / units, preprocessing.line_diameter / units
    if max(image[0].max(), image[-1].max(), image[:, 0].max(), image[:, -1].max()) > image.max() / 2:
        return False
    lopsided = max(abs(margins[0] - margins[1]), abs(margins[2] - margins[3]))
    if abs(margins.min() - nominal) > TOLERANCE or lopsided > 2 * TOLERANCE:
        return False
    return side == preprocessing.size or 0.75 * pen < line_width(ink) / side < 1.75 * pen


def _redraw(ink: Ink, preprocessing: DrawingInput) -> GrayArray:
    """Draw the middles of the lines, scaled to the size that strokes have in the bitmaps, with the bitmaps' pen."""
    side = preprocessing.size * OVERSAMPLING
    scale = side / (UNITS + preprocessing.line_diameter + 2 * preprocessing.padding)
    middles = np.argwhere(_middles(_resize(ink, side)))
    low, high = middles.min(axis=0), middles.max(axis=0)
    factor = UNITS * scale / max(int((high - low).max()), 1)
    at = np.rint((middles - (low + high) / 2) * min(factor, 1.0) + (side - 1) / 2).astype(np.intp)
    paper = np.ones((side, side), bool)
    paper[at[:, 0], at[:, 1]] = False
    distance = ndimage.distance_transform_edt(paper)
    drawn = np.clip(preprocessing.line_diameter * scale / 2 + 0.5 - distance, 0, 1)
    return np.asarray(Image.fromarray(np.rint(255 * drawn).astype(np.uint8)).reduce(OVERSAMPLING))


def _resize(ink: Ink, side: int) -> Mask:
    """The mask with a longer side of `side` pixels. Lines stay at least two pixels wide, so that none disappears."""
    image = Image.fromarray(ink.mask.astype(np.uint8) * 255)
    factor = side / max(image.size)
    for _ in range(round(max(0.0, 2 / factor - ink.pen) / 2)):
        image = image.filter(ImageFilter.MaxFilter(3))
    shape = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return np.asarray(image.resize(shape, Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC)) >= 128


def _middles(mask: Mask) -> NDArray[np.bool_]:
    """Where the pen was: the middles of the lines, and filled areas without half a pen at their edges."""
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    middles = thin(mask)
    pen = 2 * float(np.median(depth[middles]))
    return middles | (depth > max(FILLED * pen, 2.0))
