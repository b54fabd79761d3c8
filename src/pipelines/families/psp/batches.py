"""Faces and their attributes as tensors."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from atelier.data.prepared.dataset import ShardedArray


class Batches:
    """Iterate over faces in batches: `(images, labels)`, as `to_images` makes them, and float32 (n, attributes).

    Parameters
    ----------
    images
        uint8 (items, size, size, 3).
    labels
        float32 (items, attributes), in standard deviations; NaN where one is missing.
    order
        Indices of the items.
    batch_size
        Number of items in a batch. The last batch may be smaller.
    flip
        Probability of mirroring a face left to right.
    seed
        Which faces are mirrored depends on this seed only.
    """

    def __init__(
        self,
        images: ShardedArray,
        labels: NDArray[np.float32],
        order: NDArray[np.int64],
        batch_size: int,
        flip: float = 0.0,
        seed: tuple[int, ...] = (),
    ) -> None:
        self._images, self._labels, self._order, self._batch_size = images, labels, order, batch_size
        self._mirrored = np.random.default_rng(seed).random(len(order)) < flip

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, len(self._order), self._batch_size):
            part = slice(start, start + self._batch_size)
            rows = self._order[part]
            faces = self._images[rows]
            mirrored = self._mirrored[part, None, None, None]
            yield (
                to_images(np.where(mirrored, faces[:, :, ::-1], faces)),
                torch.from_numpy(self._labels[rows]),
            )


def to_images(faces: NDArray[np.uint8]) -> Tensor:
    """uint8 (n, size, size, 3) → float32 (n, 3, size, size), -1 to 1, in the channels-last layout."""
    return torch.from_numpy(faces).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_faces(images: Tensor) -> NDArray[np.uint8]:
    """The inverse of `to_images`; values outside of -1 to 1 are clipped."""
    levels = ((images.float() + 1) * 127.5).clamp(0, 255).round().byte()
    return levels.permute(0, 2, 3, 1).cpu().numpy()
