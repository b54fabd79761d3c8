"""The drawings of an evaluation, sorted by class: generated drawings, real test drawings, and training drawings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData, ShardedArray, SplitName
from atelier.errors import BadInputError
from atelier.predictors.drawing_generator import Generator, derive_seed

Ints = NDArray[np.int64]
BATCH = 4096
"""Number of training drawings that are read at a time."""


@dataclass(frozen=True)
class Drawings:
    """Drawings sorted by class.

    Attributes
    ----------
    images
        uint8 (n, 28, 28).
    label
        int (n,), non-decreasing: index of the label of each drawing.
    classes
        Number of labels of the data.
    """

    images: NDArray[np.uint8]
    label: Ints
    classes: int

    @property
    def rank(self) -> Ints:
        """int (n,): number of drawings of the same class before each drawing."""
        return np.arange(len(self.label)) - np.searchsorted(self.label, self.label)

    def __getitem__(self, selected: NDArray[np.bool_]) -> Self:
        return type(self)(self.images[selected], self.label[selected], self.classes)

    def by_class(self, values: NDArray[Any]) -> list[NDArray[Any]]:
        """Split values of these drawings (n, …) into one array per class."""
        return np.split(values, np.searchsorted(self.label, np.arange(1, self.classes)))


class RealDrawings:
    """One split of the data, sorted by class.

    The items of a split are ordered by a hash, so the first ones of a class are a random sample. Memory: 10 bytes per
    drawing; the images stay on disk.
    """

    def __init__(self, quickdraw: PreparedData, split: SplitName) -> None:
        fields = quickdraw.split(split)
        if not len(fields["label"]):
            raise BadInputError(f"The {split} split has no drawings. Prepare more items per category.")
        self._images: ShardedArray = fields["image"]
        labels = fields["label"][:]
        self._order = np.argsort(labels, kind="stable")
        self._starts = np.append(0, np.cumsum(np.bincount(labels, minlength=len(quickdraw.manifest.labels))))

    @property
    def counts(self) -> Ints:
        """int (classes,): number of drawings of each class."""
        return np.diff(self._starts)

    def first(self, max_count: int | Ints) -> Drawings:
        """The first `max_count` drawings of each class, or all if there are fewer. One number, or one per class."""
        counts = np.minimum(self.counts, max_count)
        label = np.repeat(np.arange(len(counts)), counts)
        rank = np.arange(len(label)) - np.searchsorted(label, label)
        return Drawings(self._images[self._order[self._starts[label] + rank]], label, len(counts))

    def batches(self, label: int) -> Iterator[NDArray[np.uint8]]:
        """All drawings of a class, batch by batch."""
        index = self._order[self._starts[label] : self._starts[label + 1]]
        for start in range(0, len(index), BATCH):
            yield self._images[index[start : start + BATCH]]

    def image(self, label: int, rank: int) -> NDArray[np.uint8]:
        """uint8 (28, 28): one drawing of a class. `rank` is its index in the concatenated `batches`."""
        return self._images[int(self._order[self._starts[label] + rank])]


def draw(generator: Generator, labels: tuple[str, ...], count: int, seed: int) -> Drawings:
    """Draw `count` drawings of every label of the data.

    The noise depends on the seed and on the name of the label. Two generators therefore get the same noise for the same
    label, whatever other labels they know. A label that the generator does not know gives blank drawings.
    """
    label_index = {name: index for index, name in enumerate(generator.labels)}
    drawings = [
        generator.draw(np.full(count, label_index[label]), derive_seed(seed, label))
        if label in label_index
        else np.zeros((count, 28, 28), np.uint8)
        for label in labels
    ]
    return Drawings(np.concatenate(drawings), np.repeat(np.arange(len(labels)), count), len(labels))


def sample_ids(labels: tuple[str, ...], count: int) -> NDArray[np.uint64]:
    """uint64 (labels × count,): ids of the samples. They are equal for all generators, which pairs the samples."""
    return np.array([derive_seed(index, label) for label in labels for index in range(count)], np.uint64)
