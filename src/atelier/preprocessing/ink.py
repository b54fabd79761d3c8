"""Find the ink in an image of a drawing: a screenshot of a canvas, a scan or a photo of paper.

The steps are the usual ones of document binarization: estimate the paper behind the strokes, compare each pixel with
the paper at its place, remove rules and frames, and choose a threshold.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from atelier.errors import BadInputError
from atelier.preprocessing.images import GrayArray
from atelier.preprocessing.rules import without_rules

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

MAX_SIDE, MIN_SIDE = 800, 256
"""Larger images are reduced, smaller ones enlarged, so that their longer side has this many pixels."""
SMALL, NEARBY = 48, 15
"""The image is reduced to this many pixels, and this many are nearby, to find out whether the strokes are dark."""
NOISE, EDGE = 3, 50
"""Smaller differences from the paper are noise, larger differences of the paper itself are edges, in gray levels."""
WIDEST_STROKE = 0.25
"""Dark areas wider than this fraction of the longer side are paper or page, not ink."""
MIN_CONTRAST = 24 / 255
"""Ink must be darker than the paper by this fraction of white."""
MIN_PAPER = 64.0
"""Differences on darker paper are divided by this level, because there noise is relatively large."""
ROUNDS = 2
"""Rules and frames are looked for this many times: those that are lighter than a frame appear when it is removed."""
MAX_INK = 0.5
"""Fraction of the image that may be ink. Above it the image is no line drawing."""
MAX_PARTS = 60
"""Number of parts that are not connected. An image with more is no line drawing."""
SPECK = 0.7
"""Parts that are smaller than this many pen widths, in both directions, are dust."""
WHAT_TO_DO = "Draw darker, or crop the image to the drawing."


class Ink(NamedTuple):
    """What was found, cropped to the drawing."""

    mask: Mask
    """(height, width), true where there is ink."""
    pen: float
    """Mean width of the lines in pixels."""


def find_ink(gray: GrayArray) -> Ink:
    """The ink of a drawing.

    Parameters
    ----------
    gray
        uint8 (height, width), any size; dark on light or light on dark.

    Raises
    ------
    BadInputError
        If nothing in the image differs from the paper, or so much that it is no line drawing.
    """
    plane = np.asarray(_working_size(gray), np.float32)
    if _is_light_on_dark(plane):
        plane = 255 - plane
    darkness = _darkness(plane)
    threshold = _threshold(darkness)
    for _ in range(ROUNDS):
        before, darkness = darkness, without_rules(darkness, threshold)
        if np.array_equal(before, darkness):
            break
        threshold = _threshold(darkness)
    mask = _cropped(_without_specks(darkness > threshold))
    return Ink(mask, line_width(mask))


def _cropped(mask: Mask) -> Mask:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _working_size(gray: GrayArray) -> Image.Image:
    image, longer = Image.fromarray(gray), max(gray.shape)
    if longer > MAX_SIDE:
        return image.reduce(-(-longer // MAX_SIDE))
    if longer < MIN_SIDE:
        factor = -(-MIN_SIDE // longer)
        return image.resize((image.width * factor, image.height * factor), Image.Resampling.BICUBIC)
    return image


def _is_light_on_dark(plane: Floats) -> bool:
    """Whether strokes are lighter than the paper around them.

    A median filter that is wider than the strokes removes them. It keeps the edges of paper, page and shadow, but
    rounds their corners; therefore places with such an edge nearby do not count.
    """
    factor = max(plane.shape) / SMALL
    shape = (max(1, round(plane.shape[1] / factor)), max(1, round(plane.shape[0] / factor)))
    small = np.asarray(Image.fromarray(plane).resize(shape, Image.Resampling.BOX))
    paper = ndimage.median_filter(small, NEARBY, mode="nearest")
    strokes = np.where(np.abs(small - paper) < NOISE, 0, small - paper)
    edges = ndimage.maximum_filter(paper, NEARBY) - ndimage.minimum_filter(paper, NEARBY) > EDGE
    far_from_edges = np.where(edges, 0, strokes)
    if np.abs(far_from_edges).sum() > 0.05 * np.abs(strokes).sum():
        strokes = far_from_edges
    return float(strokes.sum()) > 0


def _darkness(plane: Floats) -> Floats:
    """How much darker than the paper each pixel is, as a fraction of the paper's level: 0 to 1.

    The paper is the closing of the image (black top-hat transform): dark structures that are narrower than the window
    are filled with the level around them. Edges of wide areas and gradual changes of the light stay. The fraction does
    not depend on the light, because paper and ink get the same light.
    """
    window = max(3, round(max(plane.shape) * WIDEST_STROKE))
    paper = ndimage.grey_closing(ndimage.gaussian_filter(plane, 1.5), (window, window))
    darkness: Floats = np.clip((paper - plane) / np.maximum(paper, MIN_PAPER), 0, 1).astype(np.float32)
    return darkness


def _threshold(darkness: Floats) -> float:
    """Otsu's threshold (1979) among the pixels that differ from the paper.

    Raises
    ------
    BadInputError
        If no pixel does.
    """
    dark = darkness[darkness > MIN_CONTRAST]
    if not dark.size:
        raise BadInputError(f"No drawing can be made out, the image is nearly one colour. {WHAT_TO_DO}")
    strongest = float(np.percentile(dark, 95))
    return max(MIN_CONTRAST, min(_otsu(dark), strongest / 2))


def _otsu(values: Floats) -> float:
    """The level that best separates values from 0 to 1 into two classes."""
    histogram = np.bincount((values * 255).astype(np.intp), minlength=256).astype(np.float64)
    below = np.cumsum(histogram)
    above = below[-1] - below
    mass = np.cumsum(histogram * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mass[-1] * below / below[-1] - mass) ** 2 / (below * above)
    return (float(np.argmax(np.where(np.isfinite(between), between, 0))) + 1) / 255


def _without_specks(mask: Mask) -> Mask:
    """The box around the ink, without the parts that are smaller than a dot of the pen.

    Raises
    ------
    BadInputError
        If there are too many parts, or too much of the image is ink.
    """
    dense = mask.mean() > MAX_INK
    mask = _cropped(mask)
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    smallest = SPECK * line_width(mask)
    kept = [
        number
        for number, place in enumerate(ndimage.find_objects(parts), 1)
        if max(axis.stop - axis.start for axis in place) >= smallest
    ]
    if len(kept) > MAX_PARTS or dense:
        raise BadInputError(
            "No drawing can be made out, there is too much in the image. Photograph only the paper, in even light, or "
            "crop the image to the drawing."
        )
    keep = np.zeros(count + 1, bool)
    keep[kept] = True
    return np.asarray(keep[parts])


def line_width(mask: Mask) -> float:
    """Mean width of the lines in pixels: twice the area over the outline's length.

    The outline is counted along the grid, which is 4/π times its length on average over directions.
    """
    padded = np.pad(mask, 1)
    outline = float((padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum()) * np.pi / 4
    return 2 * float(mask.sum()) / outline if outline else 0.0
