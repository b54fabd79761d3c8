"""What a network's own workings leave in its pictures: grids, borders, shimmer. No photo and no painting is needed."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError

GRID_LIMIT, BORDER_LIMIT = 3.0, 2.0
"""Above these a person begins to see it. One in a hundred JPEG photos is above the first: by the blocks of its file."""
TILE = 64
_BESIDE = np.array([-6, -5, -4, -3, 3, 4, 5, 6])
"""Frequencies with which a peak is compared; nearer ones belong to it, by the window."""
_GRIDS = [
    (y, x)
    for y in range(4)
    for x in range(4)
    if (y, x) in {(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2)}
]
_NEAR, _DEPTH = 8, 48
"""Pixels from a side: where padding shows, and up to where the picture is compared with that."""
_MARGIN = 16

Image = NDArray[Any]
"""(height, width, 3), RGB from 0 to 255."""
Floats = NDArray[np.float64]


def grid_strength(picture: Image) -> float:
    """How far the picture's spectrum rises at the frequencies of a 2- or 4-pixel grid above what is beside them.

    Upsampling writes some pixels more often than others (Odena et al. 2016, "Deconvolution and checkerboard
    artifacts"); what stands out is where, by how much, and at which colours, but always at multiples of 1/4 or 1/2 of a
    pixel's frequency, across, down or both. The spectrum of a picture falls smoothly there.

    Returns
    -------
    float
        Power at the strongest of these frequencies over the mean (of logarithms) of the power at 8 neighbours in the
        same row or column of the spectrum, whichever is greater. About 1 without a grid; compare with `GRID_LIMIT`.

    Raises
    ------
    BadInputError
        When a side is shorter than `TILE`.
    """
    levels = np.log(_spectrum(_grey(picture)))
    rises = []
    for down, across in _GRIDS:
        y, x = down * TILE // 4, across * TILE // 4
        beside = max(levels[(y + _BESIDE) % TILE, x].mean(), levels[y, (x + _BESIDE) % TILE].mean())
        rises.append(levels[y, x] - beside)
    return float(np.exp(max(rises)))


def border_strength(pictures: Iterable[Image]) -> float:
    """How much more goes on across the pictures' outermost lines than across those farther in.

    Padding shows as a line or a fading along all four sides. Of the mean brightness of each line along a side the
    second difference is taken, which answers to lines and edges but not to slopes; its usual size at each of the
    outermost 8 lines, over that farther in.

    Returns
    -------
    float
        The largest over these lines, of medians over all pictures and sides. About 1 without a border; compare with
        `BORDER_LIMIT`. A single photo may have a frame of its own: hand in at least some ten.

    Raises
    ------
    BadInputError
        When there is no picture, or one is smaller than 64 pixels.
    """
    sides = [np.abs(np.diff(_profiles(_grey(picture)), n=2, axis=1)) for picture in pictures]
    if not sides:
        raise BadInputError("There is no picture whose border could be looked at.")
    usual = np.median(np.concatenate([side[:, _NEAR:].ravel() for side in sides]))
    outermost = np.median(np.concatenate([side[:, :_NEAR] for side in sides]), axis=0)
    return float(outermost.max() / max(usual, 0.05))  # grey levels: where all is plain, the least step counts much


def shifted(photo: Image) -> tuple[Image, Image]:
    """Two views of a photo, each a pixel narrower than it, the second a pixel farther to the right."""
    return photo[:, :-1], photo[:, 1:]


def shimmer(first: Image, second: Image) -> float:
    """Whether what a network makes of two `shifted` views is one picture, shifted.

    Gao et al. 2018, "ReCoNet" (arXiv:1807.01197), section 4.3, measure the stability of videos by the difference of
    frames brought to cover each other; here the motion is known exactly. Near the sides, where the views differ,
    nothing is compared.

    Returns
    -------
    float
        Mean absolute difference where both show the same, over that of the picture with itself a pixel beside: 0 when
        strokes move with what they are painted on, 1 when they stay where they are on the screen.
    """
    ours, theirs = (_inside(view) for view in (first[:, 1:], second[:, :-1]))
    moved = np.abs(np.diff(_inside(first), axis=1)).mean()
    return float(np.abs(ours - theirs).mean() / max(moved, 1e-6))


def _inside(image: Image) -> Floats:
    return image[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN].astype(np.float64)


def _grey(image: Image) -> Floats:
    if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < TILE:
        raise BadInputError(
            f"Artefacts are looked for in pictures (height, width, 3) from {TILE} pixels a side on; "
            f"this one has shape {image.shape}."
        )
    return np.asarray(image @ np.array([0.299, 0.587, 0.114]))


def _spectrum(grey: Floats) -> Floats:
    """(TILE, TILE) mean power over half overlapping tiles under a Hann window (Welch 1967); never 0."""
    ramp = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(TILE) / TILE)
    window = np.outer(ramp, ramp)
    tiles = np.lib.stride_tricks.sliding_window_view(grey, (TILE, TILE))[:: TILE // 2, :: TILE // 2]
    centred = tiles - tiles.mean(axis=(2, 3), keepdims=True)
    power = np.square(np.abs(np.fft.fft2(centred * window))).mean(axis=(0, 1)) / np.square(window).sum()
    return np.asarray(power + 0.1)  # rounding to whole grey levels alone makes 1 / 12


def _profiles(grey: Floats) -> Floats:
    """(4, lines) mean brightness of each line along the top, bottom, left and right, from outside inwards."""
    depth = min(_DEPTH, min(grey.shape) // 3)
    across, down = grey[:, depth:-depth].mean(axis=1), grey[depth:-depth].mean(axis=0)
    return np.stack([across[:depth], across[::-1][:depth], down[:depth], down[::-1][:depth]])
