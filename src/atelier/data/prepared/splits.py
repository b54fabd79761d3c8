"""Which split an item belongs to: a pure function of its content, so that it never changes side as data grows."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from atelier.settings import Settings


class Fractions(Settings):
    """Shares of the items for validation and test; the rest is for training."""

    val: float = 0.1
    test: float = 0.1

    @model_validator(mode="after")
    def _every_split_has_a_share(self) -> Self:
        if not (self.val > 0 and self.test > 0):
            raise ValueError("val and test must each be more than 0: training reads the one, evaluation the other")
        if self.val + self.test >= 1:
            raise ValueError("val and test together must leave something to train on: less than 1")
        return self


def assign(hashes: NDArray[np.uint64], fractions: Fractions) -> NDArray[np.uint8]:
    """Index into `prepared.SPLITS` (0 train, 1 val, 2 test) for each item.

    `hashes` must be spread evenly over all 64-bit numbers. The test split lies at the bottom of that range and the
    validation split above it: changing `val` moves no item into or out of the test split.
    """
    position = hashes.astype(np.float64) / 2.0**64
    in_test = position < fractions.test
    in_val = ~in_test & (position < fractions.test + fractions.val)
    return (in_val + 2 * in_test).astype(np.uint8)
