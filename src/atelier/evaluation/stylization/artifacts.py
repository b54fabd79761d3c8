"""Artifacts in the images of a network: checkerboards, borders, instability under shifts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.evaluation.stylization.weighted_median import WeightedMedian

CHECKERBOARD_LIMIT, BORDER_LIMIT = 3.0, 2.0
"""Values from which a person begins to see the artifact. The compression blocks of one in a hundred JPEG photos exceed
the first one."""
TILE = 64
"""Side in pixels of the tiles of the spectrum."""
_NEIGHBORS = np.array([-6, -5, -4, -3, 3, 4, 5, 6])
"""Offsets of the frequencies with which a peak is compared. Nearer ones belong to the peak because of the window."""
_GRID_FREQUENCIES = [
    (y, x)
    for y in range(4)
    for x in range(4)
    if (y, x) in {(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2)}
]
"""Frequencies (down, across) of grids with a period of 2 or 4 pixels, in quarters of a cycle per pixel."""
_OUTER, _DEPTH = 8, 48
"""Distances from a side in pixels: where padding is visible, and up to where the image is compared with that."""
_MARGIN = 16

Image = NDArray[Any]
"""(height, width, 3), RGB from 0 to 255."""
Floats = NDArray[np.float64]


def checkerboard_strength(image: Image) -> float:
    """How far the image's spectrum rises at the frequencies of a 2- or 4-pixel grid above the neighboring frequencies.

    Upsampling can write some pixels more often than others (Odena et al. 2016, "Deconvolution and checkerboard
    artifacts"). Position, amplitude and color of the pattern vary, but its frequencies are always multiples of 1/4 or
    1/2 cycle per pixel, horizontally, vertically or both. The spectrum of a natural image falls smoothly there.

    Returns
    -------
    float
        Power at the strongest of these frequencies, divided by the geometric mean of the power at 8 neighbors in the
        same row or column of the spectrum, whichever mean is greater. About 1 without a checkerboard; compare with
        `CHECKERBOARD_LIMIT`.

    Raises
    ------
    BadInputError
        When a side is shorter than `TILE`.
    """
    levels = np.log(_spectrum(_gray(image)))
    rises = []
    for down, across in _GRID_FREQUENCIES:
        y, x = down * TILE // 4, across * TILE // 4
        nearby = max(levels[(y + _NEIGHBORS) % TILE, x].mean(), levels[y, (x + _NEIGHBORS) % TILE].mean())
        rises.append(levels[y, x] - nearby)
    return float(np.exp(max(rises)))


def border_strength(images: Iterable[Image]) -> float:
    """How much larger the changes of brightness are near the sides of the images than farther inside.

    Padding appears as a line or a fading along all four sides. The mean brightness of each line parallel to a side is
    computed, and its second difference, which responds to lines and edges but not to slopes. The typical size of the
    second difference at each of the outermost 8 lines is divided by that farther inside.

    Returns
    -------
    float
        The largest value over these lines, computed from medians over all images and sides. About 1 without a border;
        compare with `BORDER_LIMIT`. A single photo may contain a frame, so use at least about ten images.

    Raises
    ------
    BadInputError
        When there are no images, or one is smaller than 64 pixels.
    """
    everything = list(images)
    if not everything:
        raise BadInputError("There are no images to measure a border on.")
    return float(border_statistic(everything)(np.ones((1, len(everything))))[0])


def border_statistic(images: Sequence[Image]) -> Callable[[Floats], Floats]:
    """The border strength of weighted images, for a bootstrap: weights (k, n) of n images → (k,)."""
    sides = [np.abs(np.diff(_profiles(_gray(image)), n=2, axis=1)) for image in images]
    inner = WeightedMedian([side[:, _OUTER:].ravel() for side in sides])
    outer = [WeightedMedian([side[:, line] for side in sides]) for line in range(_OUTER)]

    def statistic(weights: Floats) -> Floats:
        largest = np.max([line(weights) for line in outer], axis=0)
        return np.asarray(largest / np.maximum(inner(weights), 0.05))  # in gray levels: for images without any detail

    return statistic


def shifted_views(photo: Image) -> tuple[Image, Image]:
    """Two views of a photo, each one pixel narrower; the second one is shifted by one pixel to the right."""
    return photo[:, :-1], photo[:, 1:]


def shift_instability(first: Image, second: Image) -> float:
    """How much the results for two `shifted_views` of a photo differ, apart from the shift.

    Gao et al. 2018, "ReCoNet" (arXiv:1807.01197), section 4.3, measure the stability of videos by the difference
    between a frame and the previous frame warped to it; here the motion is known exactly. Pixels near the sides, where
    the content of the views differs, are ignored.

    Returns
    -------
    float
        Mean absolute difference of the two results where they show the same content, divided by the mean absolute
        difference of a result and the same result shifted by one pixel. 0 when strokes move with the photo, 1 when they
        keep their place in the image.
    """
    ours, theirs = (_inside(view) for view in (first[:, 1:], second[:, :-1]))
    moved = np.abs(np.diff(_inside(first), axis=1)).mean()
    return float(np.abs(ours - theirs).mean() / max(moved, 1e-6))


def _inside(image: Image) -> Floats:
    return image[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN].astype(np.float64)


def _gray(image: Image) -> Floats:
    if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < TILE:
        raise BadInputError(
            f"Artifacts are measured on images (height, width, 3) of at least {TILE} pixels a side; "
            f"this one has shape {image.shape}."
        )
    return np.asarray(image @ np.array([0.299, 0.587, 0.114]))


def _spectrum(gray: Floats) -> Floats:
    """(TILE, TILE) mean power over half-overlapping tiles with a Hann window (Welch 1967); never 0."""
    ramp = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(TILE) / TILE)
    window = np.outer(ramp, ramp)
    tiles = np.lib.stride_tricks.sliding_window_view(gray, (TILE, TILE))[:: TILE // 2, :: TILE // 2]
    centered = tiles - tiles.mean(axis=(2, 3), keepdims=True)
    power = np.square(np.abs(np.fft.fft2(centered * window))).mean(axis=(0, 1)) / np.square(window).sum()
    return np.asarray(power + 0.1)  # rounding to integer gray levels alone adds 1 / 12


def _profiles(gray: Floats) -> Floats:
    """(4, lines) mean brightness of the lines along the top, bottom, left and right side, from outside inwards."""
    depth = min(_DEPTH, min(gray.shape) // 3)
    across, down = gray[:, depth:-depth].mean(axis=1), gray[depth:-depth].mean(axis=0)
    return np.stack([across[:depth], across[::-1][:depth], down[:depth], down[::-1][:depth]])
