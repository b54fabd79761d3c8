"""A table of the part of a pixel that a straight line covers, by slope and distance of the line."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = 32
"""Table entries per pixel of distance."""
SLOPES = 16
"""Table entries between a slope of 0 and of 1."""


@lru_cache(maxsize=16)
def coverage(radius: float) -> tuple[NDArray[np.uint8], float]:
    """GrayArray level of a pixel by slope of a line and distance from its middle.

    Projected along the line, a pixel is a trapezoid: |cos| + |sin| wide at its foot, ||cos| - |sin|| at its top. The
    part of the pixel that a half-plane covers is the integral of the trapezoid. A line is the difference of two
    half-planes.

    Parameters
    ----------
    radius
        Half the width of the line, in pixels.

    Returns
    -------
    uint8 of shape (SLOPES + 1, distances), and the distance in pixels from which on nothing is covered.
    """
    reach = float(radius + np.sqrt(0.5))
    distance = np.arange(int(reach * STEPS) + 3) / STEPS
    angle = np.arctan(np.arange(SLOPES + 1) / SLOPES)[:, None]
    foot = (np.cos(angle) + np.sin(angle)) / 2
    flank = np.maximum(2 * np.sin(angle) / 2, 1e-9)
    height = 1 / (2 * foot - flank)

    def half_plane(edge: NDArray[Any]) -> NDArray[Any]:
        inside = np.maximum(foot - np.abs(edge), 0)
        tail = np.where(inside < flank, inside**2 / (2 * flank), inside - flank / 2) * height
        return np.asarray(np.where(edge < 0, tail, 1 - tail))

    covered = half_plane(radius - distance) + half_plane(radius + distance) - 1
    return np.rint(255 * covered).astype(np.uint8), reach
