"""Which images are kept, and which are dropped because they look like one that is kept."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from atelier.data.content_hash import Hashes
from atelier.data.ingest.decode import Decoded
from atelier.data.ingest.perceptual_hash import WORDS, find_near_duplicates
from atelier.data.prepared.splits import Fractions, group_identities


class ItemIndex(NamedTuple):
    """The index of an image, both counted from 0."""

    archive: int
    row: int


class NearDuplicates:
    """Collects the hashes of images, archive by archive, and finds the near duplicates among all of them.

    Of images that look alike the one with the largest original is kept; of equally large ones the one with the
    smallest identity. It gets the identity that `group_identities` chooses for all of them, so that its split does not
    depend on which of them is the largest. The choice depends on the set of images only. Memory: about 64 bytes per
    image.

    Parameters
    ----------
    max_bits
        Images whose perceptual hashes differ in at most so many bits are near duplicates.
    """

    def __init__(self, max_bits: int) -> None:
        self._max_bits = max_bits
        self._starts = [0]
        self._identities: list[NDArray[np.uint64]] = []
        self._hashes: list[NDArray[np.uint64]] = []
        self._pixels: list[NDArray[np.int64]] = []

    def __len__(self) -> int:
        return self._starts[-1]

    def add(self, decoded: Decoded) -> None:
        """Add the images of the next archive."""
        items = decoded.items
        self._identities.append(_from_hex([item.identity for item in items], 2, ">u8"))
        self._hashes.append(_from_hex([item.perceptual_hash for item in items], WORDS, "<u8"))
        self._pixels.append(np.array([item.pixels for item in items], np.int64))
        self._starts.append(self._starts[-1] + len(items))

    def find(self, fractions: Fractions) -> "Duplicates":
        """Compare all images with each other. Call it once, after the last archive."""
        identities, hashes = np.concatenate(self._identities), np.concatenate(self._hashes)
        pixels = np.concatenate(self._pixels)
        order = np.lexsort((identities[:, 1], identities[:, 0], -pixels))
        sorted_originals = find_near_duplicates(hashes[order], self._max_bits)
        originals = np.full(len(order), -1, np.int64)
        originals[order] = np.where(sorted_originals < 0, -1, order[sorted_originals])
        exact = (identities == identities[originals]).all(axis=1) & (originals >= 0)
        kept, chosen = group_identities(
            np.where(originals < 0, np.arange(len(order)), originals), identities, fractions
        )
        identities[kept] = chosen
        return Duplicates(np.array(self._starts), originals, exact, identities)


class Duplicates:
    """The result of `NearDuplicates.find`."""

    def __init__(
        self, starts: NDArray[np.int64], originals: NDArray[np.int64], exact: NDArray[np.bool_], identities: Hashes
    ) -> None:
        self._starts, self._originals, self._exact, self._identities = starts, originals, exact, identities

    def kept(self, archive: int) -> NDArray[np.bool_]:
        """Whether each image of an archive is kept, (images,)."""
        return np.asarray(self._originals[self._starts[archive] : self._starts[archive + 1]] < 0)

    def identities(self, archive: int) -> Hashes:
        """The identities of the images of an archive that are kept, (kept, 2)."""
        return self._identities[self._starts[archive] : self._starts[archive + 1]][self.kept(archive)]

    def original_of(self, item: ItemIndex) -> tuple[ItemIndex, bool]:
        """The image that is kept instead of a dropped one, and whether the two are the same file."""
        index = self._starts[item.archive] + item.row
        original = int(self._originals[index])
        archive = int(np.searchsorted(self._starts, original, side="right")) - 1
        return ItemIndex(archive, int(original - self._starts[archive])), bool(self._exact[index])


def _from_hex(hexadecimal: Sequence[str], words: int, dtype: str) -> NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(hexadecimal)), dtype).reshape(-1, words).astype(np.uint64)
