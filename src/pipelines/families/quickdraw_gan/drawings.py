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
"""Training drawings read at a time."""


@dataclass(frozen=True)
class Drawings:
    """Drawings sorted by class.

    Attributes
    ----------
    images
        uint8 (n, 28, 28).
    label
        int (n,), non-decreasing: index of the class of each drawing among the labels of the data.
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

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Self:
        return type(self)(self.images[chosen], self.label[chosen], self.classes)

    def by_class(self, values: NDArray[Any]) -> list[NDArray[Any]]:
        """Split values of these drawings (n, …) into one array per class."""
        return np.split(values, np.searchsorted(self.label, np.arange(1, self.classes)))


class RealDrawings:
    """One split of the data, sorted by class.

    The items of a split are ordered by a hash, so the first ones of a class are a random sample.
    """

    def __init__(self, quickdraw: PreparedData, split: SplitName) -> None:
        fields = quickdraw.split(split)
        if not len(fields["label"]):
            raise BadInputError(f"The {split} split has no drawings. Prepare more items per category.")
        self._images: ShardedArray = fields["image"]
        labels = fields["label"][:].astype(np.int64)
        self._order = np.argsort(labels, kind="stable")
        self._starts = np.searchsorted(labels[self._order], np.arange(len(quickdraw.manifest.labels) + 1))

    @property
    def counts(self) -> Ints:
        """int (classes,): number of drawings of each class."""
        return np.diff(self._starts)

    def first(self, most: int | Ints) -> Drawings:
        """At most `most` drawings of each class, the first ones; `most` is one number or one per class."""
        taken = np.minimum(self.counts, most)
        label = np.repeat(np.arange(len(taken)), taken)
        rank = np.arange(len(label)) - np.searchsorted(label, label)
        return Drawings(self._images[self._order[self._starts[label] + rank]], label, len(taken))

    def batches(self, label: int) -> Iterator[NDArray[np.uint8]]:
        """All drawings of a class, batch by batch."""
        chosen = self._order[self._starts[label] : self._starts[label + 1]]
        for start in range(0, len(chosen), BATCH):
            yield self._images[chosen[start : start + BATCH]]

    def image(self, label: int, rank: int) -> NDArray[np.uint8]:
        """uint8 (28, 28): one drawing of a class, by its index over all `batches`."""
        return self._images[int(self._order[self._starts[label] + rank])]


def draw(generator: Generator, labels: tuple[str, ...], count: int, seed: int) -> Drawings:
    """Draw `count` drawings of every label of the data.

    The noise depends on the seed and on the name of the label. Two generators therefore get the same noise for the same
    label, whatever other labels they know. A label that the generator does not know gives blank drawings.
    """
    place = {name: index for index, name in enumerate(generator.labels)}
    drawings = [
        generator.draw(np.full(count, place[label]), derive_seed(seed, label))
        if label in place
        else np.zeros((count, 28, 28), np.uint8)
        for label in labels
    ]
    return Drawings(np.concatenate(drawings), np.repeat(np.arange(len(labels)), count), len(labels))


def sample_ids(labels: tuple[str, ...], count: int) -> NDArray[np.uint64]:
    """uint64 (labels × count,): ids of the samples, by which two generators are compared sample by sample."""
    return np.array([derive_seed(index, label) for label in labels for index in range(count)], np.uint64)
