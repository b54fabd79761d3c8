"""Whether a generator copies its training data: the nearest training drawings of each generated drawing.

A small distance alone does not show a copy, because a simple or blurred drawing is near to many training drawings. A
copy is much nearer to one training drawing than to the next ones. The measure is therefore the distance to the nearest
training drawing divided by the mean distance to the nearest fifty (Carlini et al. 2023, arXiv:2301.13188, section 4.2):
about 1 for an original drawing, 0 for a copy. The threshold is taken from real drawings outside the training data.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError

NEIGHBORS = 50
"""Number of nearest training drawings in the measure."""


@dataclass(frozen=True)
class Nearest:
    """The nearest reference drawing of each of n drawings.

    Attributes
    ----------
    index
        int (n,): index of the nearest reference drawing.
    distance
        float (n,): Euclidean distance to it, with pixel values from 0 to 1.
    relative
        float (n,): this distance divided by the mean distance to the `NEIGHBORS` nearest, 0 to 1.
    """

    index: NDArray[np.int64]
    distance: NDArray[np.float64]
    relative: NDArray[np.float64]


def nearest(drawings: NDArray[np.uint8], references: Iterable[NDArray[np.uint8]]) -> Nearest:
    """Find the nearest references of each drawing by the distance of their pixels.

    Parameters
    ----------
    drawings
        uint8 (n, height, width).
    references
        Batches uint8 (m, height, width). Memory grows with the largest batch, not with their number.

    Raises
    ------
    BadInputError
        When there are no references.
    """
    points = _points(drawings)
    squares = np.square(points).sum(axis=1)[:, None]
    best, index, seen = np.empty((len(points), 0), np.float32), np.empty((len(points), 0), np.int64), 0
    for batch in references:
        others = _points(batch)
        found = np.maximum(squares + np.square(others).sum(axis=1) - 2 * points @ others.T, 0)
        best = np.concatenate([best, found], axis=1)
        index = np.concatenate([index, np.broadcast_to(np.arange(seen, seen + len(batch)), found.shape)], axis=1)
        best, index = _smallest(best, index)
        seen += len(batch)
    if not seen:
        raise BadInputError("There is no training drawing to compare with. Prepare more items per category.")
    distances = np.sqrt(best.astype(np.float64))
    first = np.argmin(distances, axis=1)[:, None]
    distance, mean = np.take_along_axis(distances, first, axis=1)[:, 0], distances.mean(axis=1)
    # A mean of 0: all of the nearest equal the drawing, so it is a copy.
    relative = np.divide(distance, mean, out=np.zeros(len(mean)), where=mean > 0)
    return Nearest(np.take_along_axis(index, first, axis=1)[:, 0], distance, relative)


def copy_threshold(real: NDArray[np.float64], fraction: float) -> float:
    """The relative distance at or below which a drawing counts as a copy.

    Parameters
    ----------
    real
        (n,) relative distances of real drawings that are not in the training data.
    fraction
        Fraction of them that lies at or below the threshold, between 0 and 1; at least one of them does.
    """
    return float(np.quantile(real, fraction, method="lower"))


def _smallest(best: NDArray[np.float32], index: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    if best.shape[1] <= NEIGHBORS:
        return best, index
    kept = np.argpartition(best, NEIGHBORS - 1, axis=1)[:, :NEIGHBORS]
    return np.take_along_axis(best, kept, axis=1), np.take_along_axis(index, kept, axis=1)


def _points(drawings: NDArray[np.uint8]) -> NDArray[np.float32]:
    points = drawings.reshape(len(drawings), math.prod(drawings.shape[1:])).astype(np.float32)
    points /= 255
    return points
