"""Photos, paintings, and the pairs of them that an evaluation uses."""

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
class ImageSet:
    """Square images of one size: photos, or the paintings whose styles are used.

    Attributes
    ----------
    images
        uint8 (n, size, size, 3).
    ids
        uint64 (n,): ids of the items in the prepared data.
    names
        Names of the images in grids and tables.
    """

    images: NDArray[np.uint8]
    ids: NDArray[np.uint64]
    names: tuple[str, ...]

    @classmethod
    def from_images(
        cls, images: Sequence[ImageArray], ids: Sequence[int], size: int, names: Sequence[str] | None = None
    ) -> Self:
        """Crop and resize images of any sizes to squares. The default names are the first six digits of the ids.

        Raises
        ------
        BadInputError
            When there are no images.
        """
        if not len(images):
            raise BadInputError("There are no images to evaluate on. Fetch and prepare more items.")
        given = names if names is not None else [hexadecimal(item)[:6] for item in ids]
        squares = np.stack([center_crop(image, size) for image in images])
        return cls(squares, np.asarray(ids, np.uint64), tuple(given))

    @classmethod
    def from_test_split(cls, data: PreparedData, most: int, size: int) -> Self:
        """The first `most` test items. They are a random sample, because items are ordered by a hash."""
        test = data.split("test")
        return cls.from_images(list(test["image"][:most]), list(test["id"][:most]), size)

    def first(self, most: int) -> Self:
        """The first `most` images, or all of them where there are fewer."""
        return type(self)(self.images[:most], self.ids[:most], self.names[:most])


class Pair(NamedTuple):
    """A photo to be stylized with a painting, by their indices."""

    photo: int
    painting: int


@dataclass(frozen=True)
class Pairs:
    """Pairs of photos and paintings."""

    photos: ImageSet
    paintings: ImageSet
    indices: tuple[Pair, ...]

    @classmethod
    def all(cls, photos: ImageSet, paintings: ImageSet) -> Self:
        """Every photo with every painting, ordered by painting."""
        each = [Pair(photo, painting) for painting in range(len(paintings.ids)) for photo in range(len(photos.ids))]
        return cls(photos, paintings, tuple(each))

    @classmethod
    def diagonal(cls, photos: ImageSet, paintings: ImageSet, most: int) -> Self:
        """Photo i with painting i, at most `most` pairs. The shorter set is repeated; no pair occurs twice."""
        counts = len(photos.ids), len(paintings.ids)
        each = [Pair(index % counts[0], index % counts[1]) for index in range(min(most, lcm(*counts)))]
        return cls(photos, paintings, tuple(each))

    @property
    def ids(self) -> NDArray[np.uint64]:
        """(pairs,): id of each pair, which depends on the ids of its photo and its painting alone."""
        return np.array([self._id(pair) for pair in self.indices], np.uint64)

    @property
    def units(self) -> dict[str, NDArray[np.uint64]]:
        """What is independent in the pairs: `photos` and `paintings` → (pairs,) the id of each pair's own."""
        photos, paintings = np.array(self.indices, np.intp).reshape(-1, 2).T
        return {"photos": self.photos.ids[photos], "paintings": self.paintings.ids[paintings]}

    @property
    def photo_of_each(self) -> list[ImageArray]:
        """The photo of each pair."""
        return [self.photos.images[pair.photo] for pair in self.indices]

    @property
    def painting_of_each(self) -> list[ImageArray]:
        """The painting of each pair."""
        return [self.paintings.images[pair.painting] for pair in self.indices]

    def _id(self, pair: Pair) -> int:
        name = f"{hexadecimal(self.photos.ids[pair.photo])}/{hexadecimal(self.paintings.ids[pair.painting])}"
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def hexadecimal(item: int | np.uint64) -> str:
    """An item's id as in the reports of the prepared data: 16 hexadecimal digits."""
    return f"{int(item):016x}"
