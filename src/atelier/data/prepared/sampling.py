"""The random order of training items, and random crops of images."""

import numpy as np
from numpy.typing import NDArray

from atelier.preprocessing.images import ImageArray


def epoch_order(items: int, seed: int, epoch: int, epoch_items: int) -> NDArray[np.int64]:
    """Indices of the items of one epoch, int64 (epoch_items,).

    The epochs are consecutive parts of an endless sequence of shuffled passes over all items. With
    `epoch_items == items` an epoch is one pass; with fewer, an epoch is a part of a pass. Every item is used once
    before any item is used again.
    """
    positions = np.arange(epoch * epoch_items, (epoch + 1) * epoch_items)
    passes, offsets = positions // items, positions % items
    order = np.empty(epoch_items, np.int64)
    for number in np.unique(passes):
        shuffled = np.random.default_rng((seed, int(number))).permutation(items)
        chosen = passes == number
        order[chosen] = shuffled[offsets[chosen]]
    return order


def random_square(
    image: ImageArray, min_side: float, flip: float, rng: np.random.Generator, max_side: float = 1.0
) -> ImageArray:
    """A random square crop of an image, with a random horizontal flip.

    Parameters
    ----------
    image
        uint8 (height, width, 3).
    min_side
        Side of the smallest square, as a fraction of the image's shorter side: above 0, at most 1.
    flip
        Probability of the horizontal flip.
    max_side
        Side of the largest square, likewise; at least `min_side`.

    Returns
    -------
    A view of the image, (side, side, 3).
    """
    height, width = image.shape[:2]
    shorter = min(height, width)
    smallest, largest = int(np.ceil(min_side * shorter)), int(np.ceil(max_side * shorter))
    side = int(rng.integers(smallest, largest + 1))
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    crop = image[top : top + side, left : left + side]
    return crop[:, ::-1] if rng.random() < flip else crop
