"""Medians over images of different weight, for a bootstrap."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.bootstrap import CHUNK

Floats = NDArray[np.float64]


class WeightedMedian:
    """Median of the values of n images, in which every value of an image has the image's weight.

    With integer weights, it is the median of the values with each image repeated as often as its weight says. Memory
    does not grow with the number of rows of weights.

    Parameters
    ----------
    values
        The values of each image, of any number.
    """

    def __init__(self, values: Sequence[Floats]) -> None:
        together = np.concatenate(values)
        order = np.argsort(together, kind="stable")
        self._sorted = together[order]
        self._image = np.repeat(np.arange(len(values)), [len(one) for one in values])[order]

    def __call__(self, weights: Floats) -> Floats:
        """Weights (k, n), each row with a positive sum → (k,)."""
        rows = max(1, CHUNK // len(self._sorted))
        return np.concatenate([self._medians(weights[at : at + rows]) for at in range(0, len(weights), rows)])

    def _medians(self, weights: Floats) -> Floats:
        reached = np.cumsum(weights[:, self._image], axis=1)
        half = reached[:, -1:] / 2
        # As np.median: where exactly half of the weight lies below, the mean of the two middle values.
        lower, upper = (reached < half).sum(axis=1), (reached <= half).sum(axis=1)
        return np.asarray((self._sorted[lower] + self._sorted[upper]) / 2)
