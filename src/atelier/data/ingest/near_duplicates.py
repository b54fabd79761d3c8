"""Which of all decoded pictures stay, and which are left out because they look like one that stays."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from atelier.data.ingest.decode import Decoded
from atelier.data.ingest.perceptual_hash import WORDS, earlier_twins


class Place(NamedTuple):
    """Where a picture is, both counted from 0."""

    archive: int
    row: int


class Twins:
    """Takes pictures archive by archive, then says for each whether another one stays in its place.

    Of pictures that look alike the largest original stays, among equals the one of the smallest content hash: the
    choice depends on the set of pictures alone. Some 64 bytes a picture are held.

    Parameters
    ----------
    bits
        How many bits of their perceptual hashes may differ.
    """

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._starts = [0]
        self._content: list[NDArray[np.uint64]] = []
        self._looks: list[NDArray[np.uint64]] = []
        self._pixels: list[NDArray[np.int64]] = []

    def __len__(self) -> int:
        return self._starts[-1]

    def add(self, decoded: Decoded) -> None:
        """The next archive's pictures."""
        items = decoded.items
        self._content.append(_numbers([item.content for item in items], 2, ">u8"))
        self._looks.append(_numbers([item.looks for item in items], WORDS, "<u8"))
        self._pixels.append(np.array([item.pixels for item in items], np.int64))
        self._starts.append(self._starts[-1] + len(items))

    def find(self) -> "Found":
        """Compare all with all; call it once, after the last archive."""
        content, looks = np.concatenate(self._content), np.concatenate(self._looks)
        pixels = np.concatenate(self._pixels)
        order = np.lexsort((content[:, 1], content[:, 0], -pixels))
        among = earlier_twins(looks[order], self._bits)
        twins = np.full(len(order), -1, np.int64)
        twins[order] = np.where(among < 0, -1, order[among])
        same = (content == content[twins]).all(axis=1) & (twins >= 0)
        return Found(np.array(self._starts), twins, same)


class Found:
    """The twins of all pictures."""

    def __init__(self, starts: NDArray[np.int64], twins: NDArray[np.int64], same: NDArray[np.bool_]) -> None:
        self._starts, self._twins, self._same = starts, twins, same

    def staying(self, archive: int) -> NDArray[np.bool_]:
        """Whether each picture of an archive stays."""
        return np.asarray(self._twins[self._starts[archive] : self._starts[archive + 1]] < 0)

    def twin_of(self, place: Place) -> tuple[Place, bool]:
        """Where the picture is that stays instead of one that does not, and whether it is the very same."""
        index = self._starts[place.archive] + place.row
        twin = int(self._twins[index])
        archive = int(np.searchsorted(self._starts, twin, side="right")) - 1
        return Place(archive, int(twin - self._starts[archive])), bool(self._same[index])


def _numbers(hexadecimal: Sequence[str], words: int, kind: str) -> NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(hexadecimal)), kind).reshape(-1, words).astype(np.uint64)
