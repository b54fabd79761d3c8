"""Split assignment as a pure function of an item's content: an item never changes its split as the data grows."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from atelier.settings import Settings


class Fractions(Settings):
    """Fractions of the items for validation and test; the rest is for training."""

    val: float
    test: float

    @model_validator(mode="after")
    def _no_split_is_empty(self) -> Self:
        if not (self.val > 0 and self.test > 0):
            raise ValueError("val and test must each be more than 0: training reads the first, evaluation the second")
        if self.val + self.test >= 1:
            raise ValueError("val and test together must leave something to train on: less than 1")
        return self


def assign(hashes: NDArray[np.uint64], fractions: Fractions) -> NDArray[np.uint8]:
    """Index into `dataset.SPLITS` (0 train, 1 val, 2 test) of each item.

    `hashes` must be uniformly distributed over all 64-bit integers. The test split has the smallest hashes, the
    validation split the next ones: a change of `val` moves no item into or out of the test split.
    """
    position = hashes.astype(np.float64) / 2.0**64
    in_test = position < fractions.test
    in_val = ~in_test & (position < fractions.test + fractions.val)
    return (in_val + 2 * in_test).astype(np.uint8)
