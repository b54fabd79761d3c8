"""Thinning of lines to their middles.

T. Y. Zhang and C. Y. Suen, A fast parallel algorithm for thinning digital patterns, Communications of the ACM 27,
1984.
"""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_NEIGHBORS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""From the one above, clockwise."""


def thin(mask: Mask) -> Mask:
    """Reduce lines to a width of one pixel. Connected parts stay connected.

    Parameters
    ----------
    mask
        bool (height, width). The time grows with the largest width of a line.
    """
    padded = np.pad(mask, 1)
    changed = True
    while changed:
        changed = False
        for table in _TABLES:
            codes = _codes(padded)
            removed = padded[1:-1, 1:-1] & table[codes]
            if removed.any():
                padded[1:-1, 1:-1] &= ~removed
                changed = True
    return padded[1:-1, 1:-1]


def _codes(padded: Mask) -> NDArray[np.uint8]:
    """The eight neighbors of each pixel as bits."""
    height, width = padded.shape[0] - 2, padded.shape[1] - 2
    codes = np.zeros((height, width), np.uint8)
    for bit, (down, right) in enumerate(_NEIGHBORS):
        codes |= padded[1 + down : 1 + down + height, 1 + right : 1 + right + width].astype(np.uint8) << bit
    return codes


def _removable(first: bool) -> Mask:
    """By the code of a pixel's neighbors, whether one of the passes removes it: conditions (a) to (d) of the paper."""
    table = np.zeros(256, bool)
    for code in range(256):
        ring = [code >> bit & 1 for bit in range(8)]
        rises = sum(not before and after for before, after in zip(ring, ring[1:] + ring[:1], strict=True))
        above, right, below, left = ring[::2]
        if first:
            sides = above * right * below == 0 and right * below * left == 0
        else:
            sides = above * right * left == 0 and above * below * left == 0
        table[code] = 2 <= sum(ring) <= 6 and rises == 1 and sides
    return table


_TABLES = (_removable(True), _removable(False))
