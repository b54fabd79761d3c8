"""Training photos: random squares of them, drawn from the seed and the number of the step alone."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.data.prepared import ShardedArray


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
    images = [_square(photo, size, least_crop, chance) for photo in photos[index]]
    return np.stack(images).astype(np.float32), chance.integers(0, styles, len(index))


def _square(photo: NDArray[np.uint8], size: int, least_crop: float, chance: np.random.Generator) -> NDArray[np.uint8]:
    height, width = photo.shape[:2]
    short = min(height, width)
    side = int(chance.integers(max(1, round(least_crop * short)), short + 1))
    top, left = int(chance.integers(height - side + 1)), int(chance.integers(width - side + 1))
    square = photo[top : top + side, left : left + side][:, :: chance.choice((-1, 1))]
    image = Image.fromarray(np.ascontiguousarray(square))
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))
