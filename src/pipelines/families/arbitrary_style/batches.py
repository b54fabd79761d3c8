"""Photos and paintings as tensors: random pairs to learn from, fixed ones to compare epochs by."""

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
    """The images of one split of several data sets, in a row.

    Raises
    ------
    BadInputError
        When there are none.
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
        owner = int(np.searchsorted(self._starts, index, side="right")) - 1
        image: NDArray[np.uint8] = self._sets[owner][index - int(self._starts[owner])]
        return image

    def some(self, count: int) -> list[NDArray[np.uint8]]:
        """So many of them, or all where there are fewer, evenly spaced."""
        return [self[int(index)] for index in np.linspace(0, len(self) - 1, min(count, len(self))).round()]


class RandomPairs:
    """The batches of one epoch: `(photos, paintings)`, each float32 (batch, 3, size, size), RGB from 0 to 255.

    All random numbers are drawn from (seed, epoch, batch).

    Parameters
    ----------
    photos, paintings
        Any photo goes with any painting.
    settings
        Batch size, size and augmentation.
    epoch
        The first being 0.
    batches
        How many.
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
            photos = self._batch(self._photos, rng)
            yield (
                photos,
                swapped_colors(self._batch(self._paintings, rng), self._settings.augmentation.swap_colors, rng),
            )

    def _batch(self, images: Images, rng: np.random.Generator) -> Tensor:
        chosen = rng.integers(len(images), size=self._settings.batch_size)
        change = self._settings.augmentation
        parts = [random_square(images[int(index)], change.min_crop, change.flip, rng) for index in chosen]
        return torch.cat([resized(part, self._settings.size) for part in parts])


class FixedPairs:
    """Validation photos with validation paintings in batches as `RandomPairs` yields them, whole and unchanged."""

    def __init__(self, photos: Images, paintings: Images, settings: TrainingSettings) -> None:
        self._photos = [resized(image, settings.size) for image in photos.some(settings.val_items)]
        self._paintings = [resized(image, settings.size) for image in paintings.some(settings.val_items)]
        self._batch_size = settings.batch_size
        self._count = settings.val_items

    def __len__(self) -> int:
        return -(-self._count // self._batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, self._count, self._batch_size):
            pairs = range(start, min(start + self._batch_size, self._count))
            photos = [self._photos[pair % len(self._photos)] for pair in pairs]
            yield torch.cat(photos), torch.cat([self._paintings[pair % len(self._paintings)] for pair in pairs])


def swapped_colors(images: Tensor, probability: float, rng: np.random.Generator) -> Tensor:
    """Images (batch, 3, height, width), some of them with their channels in another order."""
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
