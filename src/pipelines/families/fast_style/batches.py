"""Batches of training photos: random crops, which depend on the seed and the number of the step only."""

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
    """Crop and flip photos at random, and choose a random style for each.

    Parameters
    ----------
    photos
        uint8 (items, height, width, 3).
    index
        Indices of the photos, int64 (n,).
    styles
        Number of styles.
    size
        Side of the returned images, in pixels.
    augmentation
        Parameters of the random crops and flips.
    seed
        Seed of the run, and number of the step.

    Returns
    -------
    Photos float32 (n, size, size, 3), RGB 0..255, and indices of styles int64 (n,).
    """
    rng = np.random.default_rng(seed)
    crops = [random_square(photo, augmentation.min_crop, augmentation.flip, rng) for photo in photos[index]]
    images = [Image.fromarray(np.ascontiguousarray(crop)) for crop in crops]
    resized = [np.asarray(image.resize((size, size), Image.Resampling.BILINEAR)) for image in images]
    return np.stack(resized).astype(np.float32), rng.integers(0, styles, len(index))
