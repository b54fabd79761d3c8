"""The drawings that an evaluation looks at, class by class: generated ones, real ones, and those learned from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData, ShardedArray, SplitName
from atelier.errors import BadInputError
from atelier.predictors.drawing_generator import Generator, seed_of

Ints = NDArray[np.int64]
PART = 4096
"""Training drawings read at a time."""


@dataclass(frozen=True)
class Drawings:
    """Drawings in the order of their classes.

    Attributes
    ----------
    images
        uint8 (n, 28, 28).
    label
        int (n,), never falling: the class of each, as a place among the data's labels.
    classes
        Number of the data's labels.
    """

    images: NDArray[np.uint8]
    label: Ints
    classes: int

    @property
    def rank(self) -> Ints:
        """int (n,): how many of the same class stand before each."""
        return np.arange(len(self.label)) - np.searchsorted(self.label, self.label)

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Self:
        return type(self)(self.images[chosen], self.label[chosen], self.classes)

    def by_class(self, values: NDArray[Any]) -> list[NDArray[Any]]:
        """Rows that belong to these drawings (n, …), class by class."""
        return np.split(values, np.searchsorted(self.label, np.arange(1, self.classes)))


class RealDrawings:
    """One split of the data by class.

    Items of a split stand in the order of a hash, so the first ones of a class are a random choice.
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
        """int (classes,): drawings of each class."""
        return np.diff(self._starts)

    def first(self, most: int | Ints) -> Drawings:
        """The first drawings of each class, where there are so many; `most` is one number or one a class."""
        taken = np.minimum(self.counts, most)
        label = np.repeat(np.arange(len(taken)), taken)
        rank = np.arange(len(label)) - np.searchsorted(label, label)
        return Drawings(self._images[self._order[self._starts[label] + rank]], label, len(taken))

    def parts(self, label: int) -> Iterator[NDArray[np.uint8]]:
        """All drawings of a class, some thousand at a time."""
        chosen = self._order[self._starts[label] : self._starts[label + 1]]
        for start in range(0, len(chosen), PART):
            yield self._images[chosen[start : start + PART]]

    def image(self, label: int, rank: int) -> NDArray[np.uint8]:
        """uint8 (28, 28): one drawing of a class, by its place in `parts`."""
        return self._images[int(self._order[self._starts[label] + rank])]


def draw(generator: Generator, labels: tuple[str, ...], count: int, seed: int) -> Drawings:
    """Drawings of every label of the data, as many of each.

    The noise depends on seed and name, so two generators are given the same for the same label, however many labels
    they know and in whatever order. A label that the generator does not know is a blank sheet.
    """
    place = {name: index for index, name in enumerate(generator.labels)}
    sheets = [
        generator.draw(np.full(count, place[label]), seed_of(seed, label))
        if label in place
        else np.zeros((count, 28, 28), np.uint8)
        for label in labels
    ]
    return Drawings(np.concatenate(sheets), np.repeat(np.arange(len(labels)), count), len(labels))


def sample_ids(labels: tuple[str, ...], count: int) -> NDArray[np.uint64]:
    """uint64 (labels × count,): which sample of which class, for comparing two generators sample by sample."""
    return np.array([seed_of(index, label) for label in labels for index in range(count)], np.uint64)
