"""Training photos: random squares of them, drawn from the seed and the number of the step alone."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.data.prepared.dataset import ShardedArray
from atelier.data.prepared.sampling import random_square

HALF = 0.5
"""Of the photos are mirrored."""


def draw_batch(
    photos: ShardedArray, index: NDArray[np.int64], styles: int, size: int, least_crop: float, seed: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Random squares of photos, half of them mirrored, and a random style for each.

    Parameters
    ----------
    photos
        uint8 (items, height, width, 3).
    index
        Which photos, (n,).
    styles
        How many there are to choose from.
    size
        Pixels of a side, as the network is to see them.
    least_crop
        The smallest square's share of the shorter side, above 0 to 1.
    seed
        Of the run, and the number of the step.

    Returns
    -------
    float32 (n, size, size, 3), RGB 0..255, and int64 (n,).
    """
    chance = np.random.default_rng(seed)
    squares = [random_square(photo, least_crop, HALF, chance) for photo in photos[index]]
    images = [Image.fromarray(np.ascontiguousarray(square)) for square in squares]
    sized = [np.asarray(image.resize((size, size), Image.Resampling.BILINEAR)) for image in images]
    return np.stack(sized).astype(np.float32), chance.integers(0, styles, len(index))
