"""Photos and paintings as tensors: random pairs for training, fixed pairs for validation."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from atelier.data.prepared.dataset import PreparedData, ShardedArray, SplitName
from atelier.data.prepared.sampling import random_square
from atelier.errors import BadInputError
from pipelines.families.arbitrary_style.settings import TrainingSettings


class Images:
    """The images of one split of several data sets, as one sequence.

    Raises
    ------
    BadInputError
        When there are no images.
    """

    def __init__(self, split: SplitName, *data: PreparedData) -> None:
        self._sets: list[ShardedArray] = [each.split(split)["image"] for each in data]
        self._starts = np.cumsum([0, *(len(images) for images in self._sets)])
        if not len(self):
            names = ", ".join(Path(each.folder).name for each in data)
            raise BadInputError(f"The {split} split of {names} has no images. Prepare more of them.")

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        """uint8 (height, width, 3)."""
        number = int(np.searchsorted(self._starts, index, side="right")) - 1
        image: NDArray[np.uint8] = self._sets[number][index - int(self._starts[number])]
        return image

    def evenly_spaced(self, count: int) -> list[NDArray[np.uint8]]:
        """`count` evenly spaced images, or all if there are fewer."""
        return [self[int(index)] for index in np.linspace(0, len(self) - 1, min(count, len(self))).round()]


class RandomPairs:
    """The batches of one epoch: `(photos, paintings)`, each float32 (batch, 3, size, size), RGB from 0 to 255.

    The random numbers depend on (seed, epoch, batch) only.

    Parameters
    ----------
    photos, paintings
        The images. Each photo is paired with a random painting.
    settings
        Parameters of batch size, image size and augmentation.
    epoch
        The first epoch is 0.
    batches
        Number of batches.
    """

    def __init__(self, photos: Images, paintings: Images, settings: TrainingSettings, epoch: int, batches: int) -> None:
        self._photos = photos
        self._paintings = paintings
        self._settings = settings
        self._epoch = epoch
        self._batches = batches

    def __len__(self) -> int:
        return self._batches

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for batch in range(self._batches):
            rng = np.random.default_rng((self._settings.seed, self._epoch, batch))
            photos, paintings = self._batch(self._photos, rng), self._batch(self._paintings, rng)
            yield photos, swap_colors(paintings, self._settings.augmentation.swap_colors, rng)

    def _batch(self, images: Images, rng: np.random.Generator) -> Tensor:
        indices = rng.integers(len(images), size=self._settings.batch_size)
        augmentation = self._settings.augmentation
        crops = [random_square(images[int(i)], augmentation.min_crop, augmentation.flip, rng) for i in indices]
        return torch.cat([resized(crop, self._settings.size) for crop in crops])


class FixedPairs:
    """Pairs of validation photos and paintings, without augmentation, in batches like those of `RandomPairs`."""

    def __init__(self, photos: Images, paintings: Images, settings: TrainingSettings) -> None:
        self._photos = [resized(image, settings.size) for image in photos.evenly_spaced(settings.val_items)]
        self._paintings = [resized(image, settings.size) for image in paintings.evenly_spaced(settings.val_items)]
        self._batch_size = settings.batch_size
        self._count = settings.val_items

    def __len__(self) -> int:
        return -(-self._count // self._batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, self._count, self._batch_size):
            indices = range(start, min(start + self._batch_size, self._count))
            photos = [self._photos[i % len(self._photos)] for i in indices]
            yield torch.cat(photos), torch.cat([self._paintings[i % len(self._paintings)] for i in indices])


def swap_colors(images: Tensor, probability: float, rng: np.random.Generator) -> Tensor:
    """Permute the channels of each image with this probability: (batch, 3, height, width) → the same shape."""
    orders = [rng.permutation(3) if rng.random() < probability else np.arange(3) for _ in range(len(images))]
    return torch.stack([image[torch.from_numpy(order)] for image, order in zip(images, orders, strict=True)])


def as_tensor(image: NDArray[np.uint8]) -> Tensor:
    """uint8 (height, width, 3) → float32 (1, 3, height, width), RGB from 0 to 255."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).float()[None]


def resized(image: NDArray[np.uint8], size: int) -> Tensor:
    """uint8 (height, width, 3) → float32 (1, 3, size, size), RGB from 0 to 255."""
    return functional.interpolate(
        as_tensor(image), (size, size), mode="bilinear", antialias=True, align_corners=False
    ).clamp(0, 255)
