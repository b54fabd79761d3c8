"""Which images are kept, and which are dropped because they look like one that is kept."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from atelier.data.content_hash import Hashes, as_hashes, digest_of
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

    Images may have values, such as labels: of images that look alike and have different values none is kept. Images may
    belong to groups, such as several photos of one object. All images of a group have the second half of their
    identities, which decides the split, from the group. So have groups with images that look alike.

    Parameters
    ----------
    max_bits
        Images whose perceptual hashes differ in at most so many bits are near duplicates.
    tolerances
        How much each of the values may differ between images that look alike.
    """

    def __init__(self, max_bits: int, tolerances: Sequence[float] = ()) -> None:
        self._max_bits = max_bits
        self._tolerances = np.array(tolerances, np.float64)
        self._starts = [0]
        self._identities: list[NDArray[np.uint64]] = []
        self._hashes: list[NDArray[np.uint64]] = []
        self._pixels: list[NDArray[np.int64]] = []
        self._values: list[NDArray[np.float64]] = []
        self._grouped = False

    def __len__(self) -> int:
        return self._starts[-1]

    def add(
        self, decoded: Decoded, values: NDArray[np.float64] | None = None, groups: Sequence[str | None] = ()
    ) -> None:
        """Add the images of the next archive.

        Parameters
        ----------
        values
            (images, len(tolerances)): what is compared of images that look alike; NaN where a value is missing.
        groups
            Name of the group (None: it belongs to none) of each image, in all archives or in none.
        """
        self._values.append(np.empty((len(decoded.items), 0)) if values is None else values)
        self._grouped = self._grouped or bool(groups)
        items = decoded.items
        identities = _from_hex([item.identity for item in items], 2, ">u8")
        for row, group in enumerate(groups):
            if group is not None:
                identities[row, 1] = as_hashes([digest_of(group.encode("utf-8", "surrogateescape"))])[0, 1]
        self._identities.append(identities)
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
        clusters = np.where(originals < 0, np.arange(len(order)), originals)
        kept, chosen = group_identities(clusters, identities, fractions)
        if self._grouped:
            components = _joined(clusters, np.unique(identities[:, 1], return_inverse=True)[1])
            numbers, of_component = group_identities(components, identities, fractions)
            identities[:, 1] = of_component[np.searchsorted(numbers, components), 1]
        else:
            identities[kept] = chosen
        return Duplicates(np.array(self._starts), originals, exact, identities, self._conflicts(clusters))

    def _conflicts(self, clusters: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each image looks like one with other values, (n,)."""
        if not len(clusters):
            return np.zeros(0, np.bool_)
        order = np.argsort(clusters, kind="stable")
        found, starts = np.unique(clusters[order], return_index=True)
        values = np.concatenate(self._values)[order]
        spread = np.fmax.reduceat(values, starts) - np.fmin.reduceat(values, starts)
        return np.isin(clusters, found[(spread > self._tolerances).any(axis=1)])


class Duplicates:
    """The result of `NearDuplicates.find`."""

    def __init__(
        self,
        starts: NDArray[np.int64],
        originals: NDArray[np.int64],
        exact: NDArray[np.bool_],
        identities: Hashes,
        conflicting: NDArray[np.bool_],
    ) -> None:
        self._starts, self._originals, self._exact, self._identities = starts, originals, exact, identities
        self._conflicting = conflicting

    def kept(self, archive: int) -> NDArray[np.bool_]:
        """Whether each image of an archive is kept, (images,)."""
        rows = slice(self._starts[archive], self._starts[archive + 1])
        return np.asarray((self._originals[rows] < 0) & ~self._conflicting[rows])

    def is_conflicting(self, item: ItemIndex) -> bool:
        """Whether an image looks like one with other values."""
        return bool(self._conflicting[self._starts[item.archive] + item.row])

    def identities(self, archive: int) -> Hashes:
        """The identities of the images of an archive that are kept, (kept, 2)."""
        return self._identities[self._starts[archive] : self._starts[archive + 1]][self.kept(archive)]

    def original_of(self, item: ItemIndex) -> tuple[ItemIndex, bool]:
        """The image that a dropped one looks like (itself if it is the largest), and whether they are the same file."""
        index = self._starts[item.archive] + item.row
        original = int(self._originals[index]) if self._originals[index] >= 0 else int(index)
        archive = int(np.searchsorted(self._starts, original, side="right")) - 1
        return ItemIndex(archive, int(original - self._starts[archive])), bool(self._exact[index])


def _joined(first: NDArray[np.int64], second: NDArray[np.intp]) -> NDArray[np.int64]:
    """(n,) the connected component of each item, where items of one group of either kind are connected."""
    edges = np.concatenate([np.ones(len(first)), np.ones(len(second))])
    rows = np.concatenate([np.arange(len(first)), np.arange(len(second))])
    nodes = np.concatenate([len(first) + first, 2 * len(first) + second])
    graph = coo_array((edges, (rows, nodes)), shape=(3 * len(first), 3 * len(first)))
    return np.asarray(connected_components(graph, directed=False)[1][: len(first)], np.int64)


def _from_hex(hexadecimal: Sequence[str], words: int, dtype: str) -> NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(hexadecimal)), dtype).reshape(-1, words).astype(np.uint64)
