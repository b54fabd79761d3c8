"""Batches of photos and paintings: random crops, which depend on the seed and the number of the step only."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.data.prepared.dataset import ShardedArray
from atelier.data.prepared.sampling import epoch_order, random_square
from pipelines.families.cyclegan.settings import TrainingSettings

Batch = NDArray[np.float32]


def batches(
    photos: ShardedArray, paintings: ShardedArray, settings: TrainingSettings, epoch: int
) -> Iterator[tuple[Batch, Batch]]:
    """Photos and paintings of one epoch, float32 (n, size, size, 3), 0..255, each. The first epoch is 1."""
    count = settings.steps * settings.batch_size
    orders = [
        epoch_order(len(images), settings.seed + domain, epoch - 1, count).reshape(settings.steps, -1)
        for domain, images in enumerate((photos, paintings))
    ]
    for row in range(settings.steps):
        rng = np.random.default_rng((settings.seed, (epoch - 1) * settings.steps + row))
        yield _crops(photos[orders[0][row]], settings, rng), _crops(paintings[orders[1][row]], settings, rng)


def _crops(images: NDArray[np.uint8], settings: TrainingSettings, rng: np.random.Generator) -> Batch:
    options = settings.crops
    crops = [random_square(image, options.min_crop, options.flip, rng, options.max_crop) for image in images]
    size = (settings.size, settings.size)
    resized = [Image.fromarray(np.ascontiguousarray(crop)).resize(size, Image.Resampling.BICUBIC) for crop in crops]
    return np.stack([np.asarray(image) for image in resized]).astype(np.float32)
