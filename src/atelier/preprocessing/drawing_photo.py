"""Convert an image of a drawing, of any size, dark on light or light on dark, to a bitmap as in the training data.

The published bitmaps show white strokes of one width on black, cropped to the drawing, scaled and centred. In an image
the ink is separated from the paper (`ink`), its lines are thinned to their middles, scaled so that these have the size
that the strokes have in the bitmaps, and drawn again with the pen of the bitmaps.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter, ImageStat
from scipy import ndimage

from atelier.preprocessing.images import GrayArray
from atelier.preprocessing.ink import Ink, Mask, find_ink
from atelier.preprocessing.raster import UNITS
from atelier.preprocessing.spec import DrawingInput
from atelier.preprocessing.thinning import thin

OVERSAMPLING = 8
"""Working pixels per pixel of the bitmap, along each axis."""
FILLED = 0.8
"""Ink this many pen widths away from the paper is a filled area."""
BLACK, WHITE = 16, 128
"""At least half of a bitmap is darker than the first level, and some of it lighter than the second."""
TOLERANCE = 1.5
"""Largest difference of the margins from those of a bitmap, in pixels of the bitmap."""
SIMILAR = 4
"""Mean difference in gray levels up to which an image is the enlargement of another."""
ENLARGEMENTS = (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)


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
    uint8 (size, size), white on black. A bitmap as in the training data is only inverted where it is dark on light, and
    reduced where it was enlarged.

    Raises
    ------
    BadInputError
        If no drawing can be made out in the image. The message says what to do.
    """
    small = _reduce_enlarged(gray, preprocessing.size)
    if small is not None and _is_bitmap(small, preprocessing):
        return small
    return _redraw(find_ink(gray), preprocessing)


def _reduce_enlarged(gray: GrayArray, size: int) -> GrayArray | None:
    """The image of size x size pixels, light on dark, of which `gray` is an enlargement; None if it is not one."""
    if gray.shape[0] != gray.shape[1] or len(gray) < size:
        return None
    image = Image.fromarray(gray)
    small = image.resize((size, size), Image.Resampling.NEAREST)  # takes the middle of each enlarged pixel
    differences = (
        ImageStat.Stat(ImageChops.difference(small.resize(image.size, each), image)).mean[0] for each in ENLARGEMENTS
    )
    if all(difference > SIMILAR for difference in differences):
        return None
    levels = np.asarray(small)
    return levels if np.median(levels) < 128 else 255 - levels


def _is_bitmap(image: GrayArray, preprocessing: DrawingInput) -> bool:
    """Whether a drawing lies in its square as in a bitmap of the training data: in the middle, with their padding."""
    ink = image > image.max() / 2
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if image.max() < WHITE or np.median(image) > BLACK:
        return False
    last = preprocessing.size - 1
    margins = rows[0], last - rows[-1], columns[0], last - columns[-1]
    units = UNITS + preprocessing.line_diameter + 2 * preprocessing.padding
    nominal = preprocessing.size * preprocessing.padding / units
    lopsided = max(abs(margins[0] - margins[1]), abs(margins[2] - margins[3]))
    return bool(abs(min(margins) - nominal) <= TOLERANCE and lopsided <= 2 * TOLERANCE)


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
    return np.asarray(middles | (depth > max(FILLED * pen, 2.0)))
