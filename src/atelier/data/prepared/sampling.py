"""Random parts of images to learn from."""

import numpy as np
from numpy.typing import NDArray

from atelier.preprocessing.images import Picture


def epoch_order(items: int, seed: int, epoch: int, epoch_items: int) -> NDArray[np.int64]:
    """Which items epoch `epoch` takes: its part of an endless row of shuffled passes over `items`.

    With `epoch_items == items` each epoch is one pass. With fewer, checkpoints come more often than passes; either
    way every item is seen once before any is seen again.
    """
    places = np.arange(epoch * epoch_items, (epoch + 1) * epoch_items)
    passes, offsets = places // items, places % items
    order = np.empty(epoch_items, np.int64)
    for number in np.unique(passes):
        shuffled = np.random.default_rng((seed, int(number))).permutation(items)
        chosen = passes == number
        order[chosen] = shuffled[offsets[chosen]]
    return order


def random_square(image: Picture, least_side: float, flip: float, chance: np.random.Generator) -> Picture:
    """A square part of an image, perhaps mirrored left to right.

    Parameters
    ----------
    image
        uint8 (height, width, 3).
    least_side
        Side of the smallest square, as a share of the image's shorter one: above 0, at most 1.
    flip
        Probability of mirroring it.

    Returns
    -------
    A view of the image, (side, side, 3).
    """
    height, width = image.shape[:2]
    shorter = min(height, width)
    side = int(chance.integers(int(np.ceil(least_side * shorter)), shorter + 1))
    top, left = int(chance.integers(height - side + 1)), int(chance.integers(width - side + 1))
    part = image[top : top + side, left : left + side]
    return part[:, ::-1] if chance.random() < flip else part
