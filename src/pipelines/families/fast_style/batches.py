"""Training photos: random squares of them, drawn from the seed and the number of the step alone."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.data.prepared.dataset import ShardedArray
from atelier.data.prepared.sampling import random_square
from pipelines.training.style_transfer import CropSettings


def draw_batch(
    photos: ShardedArray,
    index: NDArray[np.int64],
    styles: int,
    size: int,
    augmentation: CropSettings,
    seed: tuple[int, int],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Random squares of photos, some of them mirrored, and a random style for each.

    Parameters
    ----------
    photos
        uint8 (items, height, width, 3).
    index
        Which photos, (n,).
    styles
        Number of styles.
    size
        Side of the squares that are returned, in pixels.
    seed
        Of the run, and the number of the step.

    Returns
    -------
    float32 (n, size, size, 3), RGB 0..255, and int64 (n,).
    """
    rng = np.random.default_rng(seed)
    squares = [random_square(photo, augmentation.min_crop, augmentation.flip, rng) for photo in photos[index]]
    images = [Image.fromarray(np.ascontiguousarray(square)) for square in squares]
    sized = [np.asarray(image.resize((size, size), Image.Resampling.BILINEAR)) for image in images]
    return np.stack(sized).astype(np.float32), rng.integers(0, styles, len(index))
