"""The order in which training sees its items: from seed and epoch alone, so that it can go on anywhere."""

import numpy as np
from numpy.typing import NDArray


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
