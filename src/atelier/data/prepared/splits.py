"""Split assignment as a pure function of an item's identity: an item never changes its split as the data grows.

The identity is a hash of what the item is at its source (Quick Draw's `key_id` or strokes, the bytes of an image file),
not of what preparation makes of it. Read as a number in [0, 1), it is compared with the cumulative fractions:

    0         test              1 - val         1
    |  test  |      train      |      val      |

A change of one fraction therefore moves items between this split and the training split only.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from atelier.data.content_hash import Hashes
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

    `hashes` (n,) must be uniformly distributed over all 64-bit integers: the second half of each identity, as the items
    of a split are sorted by the first.
    """
    position = hashes.astype(np.float64) / 2.0**64
    in_test = position < fractions.test
    in_val = ~in_test & (position >= 1 - fractions.val)
    return (in_val + 2 * in_test).astype(np.uint8)


def group_identities(
    groups: NDArray[np.int64], identities: Hashes, fractions: Fractions
) -> tuple[NDArray[np.int64], Hashes]:
    """One identity for each group of items that look alike: the one that decides the split of the whole group.

    It is the first in the order training, validation, test; within a split, the smallest. A group with any training
    item is therefore in the training split: as data grows, no picture that was trained on enters validation or test.

    Parameters
    ----------
    groups
        (n,): the group of each item.
    identities
        (n, 2).

    Returns
    -------
    The groups, sorted, (g,), and their identities, (g, 2).
    """
    order = np.lexsort((identities[:, 1], identities[:, 0], assign(identities[:, 1], fractions), groups))
    found, first = np.unique(groups[order], return_index=True)
    return found, identities[order[first]]
