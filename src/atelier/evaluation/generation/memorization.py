"""Does a generator copy what it learned from? Each drawing against its nearest training drawings.

A copy is not merely near to a training drawing: a simple or a blurred drawing is near to many. It is much nearer to one
than to its next neighbours. So what is judged is the distance to the nearest, relative to the mean distance to the
nearest fifty (Carlini et al. 2023, arXiv:2301.13188, section 4.2): about 1 for a drawing of its own, 0 for a copy. What
is suspiciously low follows from real drawings that nobody learned from.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError

AMONG = 50
"""Nearest neighbours that make the measure."""


@dataclass(frozen=True)
class Nearest:
    """Where n drawings stand among the training drawings.

    Attributes
    ----------
    index
        int (n,): the nearest one, as a place in the references.
    distance
        float (n,): Euclidean distance to it, with ink from 0 to 1.
    relative
        float (n,): this distance over the mean distance to the `AMONG` nearest, 0 to 1.
    """

    index: NDArray[np.int64]
    distance: NDArray[np.float64]
    relative: NDArray[np.float64]


def nearest(drawings: NDArray[np.uint8], references: Iterable[NDArray[np.uint8]]) -> Nearest:
    """Search all references for each drawing's nearest ones, pixel by pixel.

    Parameters
    ----------
    drawings
        uint8 (n, height, width).
    references
        uint8 (m, height, width), in parts: memory grows with the largest part, not with their number.

    Raises
    ------
    BadInputError
        When there are no references.
    """
    points = _points(drawings)
    squares = np.square(points).sum(axis=1)[:, None]
    best, place, seen = np.empty((len(points), 0), np.float32), np.empty((len(points), 0), np.int64), 0
    for part in references:
        others = _points(part)
        found = np.maximum(squares + np.square(others).sum(axis=1) - 2 * points @ others.T, 0)
        best = np.concatenate([best, found], axis=1)
        place = np.concatenate([place, np.broadcast_to(np.arange(seen, seen + len(part)), found.shape)], axis=1)
        best, place = _smallest(best, place)
        seen += len(part)
    if not seen:
        raise BadInputError("There is no training drawing to compare with. Prepare more items per category.")
    distances = np.sqrt(best.astype(np.float64))
    first = np.argmin(distances, axis=1)[:, None]
    distance, mean = np.take_along_axis(distances, first, axis=1)[:, 0], distances.mean(axis=1)
    # All of the nearest alike and equal to the drawing: a copy of each of them.
    relative = np.divide(distance, mean, out=np.zeros(len(mean)), where=mean > 0)
    return Nearest(np.take_along_axis(place, first, axis=1)[:, 0], distance, relative)


def copy_threshold(real: NDArray[np.float64], share: float = 0.01) -> float:
    """The relative distance at or below which a drawing counts as a copy.

    Parameters
    ----------
    real
        (n,) relative distances of real drawings that are no part of the training data.
    share
        Of these, between 0 and 1: as many as lie at or below the threshold, but always one of them.
    """
    return float(np.quantile(real, share, method="lower"))


def _smallest(best: NDArray[np.float32], place: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    if best.shape[1] <= AMONG:
        return best, place
    kept = np.argpartition(best, AMONG - 1, axis=1)[:, :AMONG]
    return np.take_along_axis(best, kept, axis=1), np.take_along_axis(place, kept, axis=1)


def _points(drawings: NDArray[np.uint8]) -> NDArray[np.float32]:
    ink = drawings.reshape(len(drawings), math.prod(drawings.shape[1:])).astype(np.float32)
    ink /= 255
    return ink
