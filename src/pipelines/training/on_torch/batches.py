"""Batches of prepared drawings as tensors."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from atelier.data.prepared.dataset import ShardedArray


class Batches:
    """Iterate over prepared drawings in batches.

    Yields `(images, labels)`: uint8 (n, 28, 28) and int64 (n,). Reading a batch takes one indexing operation per field,
    so no worker processes are needed, and only one batch is in memory.

    Parameters
    ----------
    split
        Fields `image` and `label`.
    order
        Indices of the items, int64 (items,).
    batch_size
        Number of items in a batch. The last batch may be smaller.
    """

    def __init__(self, split: Mapping[str, ShardedArray], order: NDArray[np.int64], batch_size: int) -> None:
        self._split = split
        self._order = order
        self._batch_size = batch_size

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, len(self._order), self._batch_size):
            index = self._order[start : start + self._batch_size]
            images = torch.from_numpy(self._split["image"][index])
            yield images, torch.from_numpy(self._split["label"][index].astype(np.int64))
