"""Photos, paintings, and the pairs of them that an evaluation looks at."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from atelier.preprocessing.images import ImageArray, center_crop


@dataclass(frozen=True)
class Gallery:
    """Photos, or paintings that are the styles.

    Attributes
    ----------
    pictures
        uint8 (n, size, size, 3).
    ids
        uint64 (n,): the items of the prepared data.
    names
        What each is called, on sheets and in tables.
    """

    pictures: NDArray[np.uint8]
    ids: NDArray[np.uint64]
    names: tuple[str, ...]

    @classmethod
    def hang(
        cls, pictures: Sequence[ImageArray], ids: Sequence[int], size: int, names: Sequence[str] | None = None
    ) -> Self:
        """Bring pictures of any sizes to squares; without names they are called by the beginnings of their ids.

        Raises
        ------
        BadInputError
            When there is no picture.
        """
        if not len(pictures):
            raise BadInputError("There are no pictures to evaluate on. Fetch and prepare more items.")
        called = names if names is not None else [hexadecimal(item)[:6] for item in ids]
        squares = np.stack([center_crop(picture, size) for picture in pictures])
        return cls(squares, np.asarray(ids, np.uint64), tuple(called))

    @classmethod
    def of_test_split(cls, data: PreparedData, most: int, size: int) -> Self:
        """The first test items, `most` of them: as items stand in the order of their hashes, they are a draw."""
        test = data.split("test")
        return cls.hang(list(test["image"][:most]), list(test["id"][:most]), size)

    def first(self, most: int) -> Self:
        return type(self)(self.pictures[:most], self.ids[:most], self.names[:most])


class Pair(NamedTuple):
    """A photo to be painted in the style of a painting, by their places."""

    photo: int
    painting: int


@dataclass(frozen=True)
class Pairs:
    """Pairs of the photos and paintings of two galleries."""

    photos: Gallery
    paintings: Gallery
    places: tuple[Pair, ...]

    @classmethod
    def all(cls, photos: Gallery, paintings: Gallery) -> Self:
        """Every photo with every painting, painting by painting."""
        each = [Pair(photo, painting) for painting in range(len(paintings.ids)) for photo in range(len(photos.ids))]
        return cls(photos, paintings, tuple(each))

    @classmethod
    def diagonal(cls, photos: Gallery, paintings: Gallery, most: int) -> Self:
        """Photo i with painting i, starting again where there are fewer of the one; none twice."""
        counts = len(photos.ids), len(paintings.ids)
        each = [Pair(place % counts[0], place % counts[1]) for place in range(min(most, lcm(*counts)))]
        return cls(photos, paintings, tuple(each))

    @property
    def ids(self) -> NDArray[np.uint64]:
        """(pairs,): the item that is this photo in this style, whatever other photos and styles there are."""
        return np.array([self._id(pair) for pair in self.places], np.uint64)

    @property
    def photo_of_each(self) -> list[ImageArray]:
        return [self.photos.pictures[pair.photo] for pair in self.places]

    @property
    def painting_of_each(self) -> list[ImageArray]:
        return [self.paintings.pictures[pair.painting] for pair in self.places]

    def _id(self, pair: Pair) -> int:
        name = f"{hexadecimal(self.photos.ids[pair.photo])}/{hexadecimal(self.paintings.ids[pair.painting])}"
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def hexadecimal(item: int | np.uint64) -> str:
    """An item's id as the prepared data's reports write it: 16 digits."""
    return f"{int(item):016x}"
