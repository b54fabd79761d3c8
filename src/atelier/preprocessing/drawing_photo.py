"""Convert an image of a drawing, of any size, dark on light or light on dark, to a bitmap as in the training data.

The published bitmaps show white strokes of one width on black, cropped to the drawing, scaled and centred. In a photo
of paper or a screenshot the ink is separated from the background and cropped. The lines are made wider or thinner, to
the pen width of the bitmaps, and scaled so that the bounding box of the ink has the size that it has in the bitmaps.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from atelier.errors import BadInputError
from atelier.preprocessing.images import GrayArray
from atelier.preprocessing.raster import UNITS
from atelier.preprocessing.spec import DrawingInput

WORKING_SIDE = 1024
"""Larger images are first reduced to at most this many pixels per side."""
OVERSAMPLING = 8
"""Working pixels per pixel of the bitmap, along each axis."""
MIN_CONTRAST = 24
"""Gray levels by which ink must differ from the background."""
SPECK = 0.02
"""Outer rows and columns with less ink than this fraction of the fullest one are dust, and cropped."""


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
    uint8 (size, size), white on black. An image of this size is taken for a bitmap, and only inverted where it is
    dark on light.

    Raises
    ------
    BadInputError
        When nothing in the image differs from the background.
    """
    size = preprocessing.size
    if gray.shape == (size, size):
        return gray if _border_level(gray) < 128 else 255 - gray
    ink = _crop(_find_ink(_reduce(gray)))
    # The box of the ink is the 256 units of the drawing and half a pen on each side; the bitmap has padding around it.
    units = UNITS + preprocessing.line_diameter
    box = size * OVERSAMPLING * units / (units + 2 * preprocessing.padding)
    pen = box * preprocessing.line_diameter / units
    return _center(_redraw(ink, box, pen), size)


def _reduce(gray: GrayArray) -> GrayArray:
    factor = -(-max(gray.shape) // WORKING_SIDE)
    return np.asarray(Image.fromarray(gray).reduce(factor)) if factor > 1 else gray


def _border_level(gray: GrayArray) -> float:
    return float(np.median(np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])))


def _find_ink(gray: GrayArray) -> GrayArray:
    """Difference of each pixel from the background (the median of the border), towards the ink, scaled to 0..255."""
    level = _border_level(gray)
    plane = gray.astype(np.float32)
    dark = float(np.maximum(level - plane, 0).sum()) > float(np.maximum(plane - level, 0).sum())
    difference = (level - plane) if dark else (plane - level)
    difference = np.maximum(difference, 0)
    strongest = float(np.percentile(difference, 99.9)) if difference.size > 4096 else float(difference.max())
    strongest = max(strongest, float(difference.max()) * 0.5)
    if strongest < MIN_CONTRAST:
        raise BadInputError(
            "No drawing can be made out, the image is nearly one colour. Draw darker, or crop to the drawing."
        )
    ink: GrayArray = np.clip(difference * (255 / strongest), 0, 255).astype(np.uint8)
    return ink


def _threshold(ink: GrayArray) -> int:
    """Otsu's threshold (1979): the level that best separates the two classes of pixels."""
    histogram = np.bincount(ink.ravel(), minlength=256).astype(np.float64)
    below = np.cumsum(histogram)
    above = below[-1] - below
    mass = np.cumsum(histogram * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mass[-1] * below / below[-1] - mass) ** 2 / (below * above)
    return int(np.nanargmax(np.where(np.isfinite(between), between, 0))) + 1


def _crop(ink: GrayArray) -> GrayArray:
    """The bounding box of the ink, without dust far from the drawing; faint levels become background."""
    threshold = _threshold(ink)
    mask = ink >= threshold
    top, bottom = _extent(mask.sum(axis=1))
    left, right = _extent(mask.sum(axis=0))
    box = ink[top:bottom, left:right].astype(np.float32)
    faint = threshold / 2
    cropped: GrayArray = np.clip((box - faint) * (255 / max(threshold - faint, 1)), 0, 255).astype(np.uint8)
    return cropped


def _extent(counts: NDArray[np.integer]) -> tuple[int, int]:
    used = np.flatnonzero(counts > max(0, SPECK * int(counts.max()) - 1))
    return int(used[0]), int(used[-1]) + 1


def _redraw(ink: GrayArray, box: float, pen: float) -> GrayArray:
    """Scale the ink so that, once its lines are `pen` pixels wide, its longer side is `box` pixels."""
    width, side = _line_width(ink), max(ink.shape)
    factor = min((box - pen) / max(side - width, 1), (box + pen) / side)
    image = Image.fromarray(ink)
    if width * factor < 1:  # lines thinner than a pixel would fade
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


def _line_width(ink: GrayArray) -> float:
    """Mean width of the lines, in pixels: twice the area over the outline's length.

    The outline is counted along the grid, which is 4/π times its length on average over directions.
    """
    mask = np.pad(ink >= 128, 1)
    area = float(mask.sum())
    outline = float((mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()) * np.pi / 4
    return 2 * area / outline if outline else 0.0


def _center(ink: GrayArray, size: int) -> GrayArray:
    canvas = Image.new("L", (size * OVERSAMPLING, size * OVERSAMPLING))
    height, width = ink.shape
    canvas.paste(Image.fromarray(ink), ((canvas.width - width) // 2, (canvas.height - height) // 2))
    return np.asarray(canvas.reduce(OVERSAMPLING))
