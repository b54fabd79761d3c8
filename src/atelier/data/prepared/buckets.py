"""Items on disk, spread over buckets by content hash, so that any number of items can be sorted in bounded memory."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.data.content_hash import content_hashes

Records = NDArray[np.void]
"""Fields `hash` (two big-endian uint64: sorts as the bytes do), `label`, `file`, `line`, `item`, `extra`."""

BUCKET_BYTES = 64 << 20
"""Intended size of a bucket. Sorting one takes about three times as much memory."""
MAX_BUCKETS = 512
"""Files that are open at the same time; a power of two."""


Extra = Mapping[str, tuple[str, tuple[int, ...]]]
"""Further fields of an item: name → (numpy type, shape), such as `{"attributes": ("<f4", (6,))}`."""


def record_type(item_shape: Sequence[int], extra: Extra) -> np.dtype[np.void]:
    """The type of a record: content hash, label, file and line, the item's bytes, further fields."""
    further = np.dtype([(name, *kind) for name, kind in extra.items()])
    source = [("file", "<u4"), ("line", "<u4")]
    return np.dtype(
        [("hash", ">u8", 2), ("label", "<u2"), *source, ("item", "u1", tuple(item_shape)), ("extra", further)]
    )


class Buckets:
    """Buckets of records in a folder. Bucket 0 holds the smallest hashes.

    Parameters
    ----------
    folder
        Empty folder for the bucket files.
    item_shape
        Shape of one item (uint8).
    expected_bytes
        Approximate size of all items; sets the number of buckets.
    extra
        Fields that every item has in addition to its label.
    """

    def __init__(
        self, folder: Path, item_shape: Sequence[int], expected_bytes: int, extra: Extra | None = None
    ) -> None:
        self.dtype = record_type(item_shape, extra or {})
        count = max(1, -(-expected_bytes // BUCKET_BYTES))
        self._bits = min((count - 1).bit_length(), MAX_BUCKETS.bit_length() - 1)
        folder.mkdir(parents=True, exist_ok=True)
        self._paths = [folder / f"{number:03d}.bucket" for number in range(2**self._bits)]
        self._files: list[IO[bytes]] = [path.open("wb", buffering=1 << 16) for path in self._paths]

    def add(
        self, items: NDArray[np.uint8], label: int, file: int, lines: Sequence[int], extra: Mapping[str, ArrayLike]
    ) -> None:
        """Append items (n, *item_shape) of one label and one file.

        Parameters
        ----------
        file
            Number of the file that the items come from.
        lines
            Line or row of each item in this file.
        extra
            n values of each further field.
        """
        records = np.empty(len(items), self.dtype)
        records["hash"] = content_hashes(items)
        records["label"], records["file"], records["line"], records["item"] = label, file, lines, items
        for name in self.dtype["extra"].names or ():
            records["extra"][name] = extra[name]
        bucket = self._bucket_of(records["hash"][:, 0])
        for number in np.unique(bucket):
            self._files[number].write(records[bucket == number].tobytes())

    def _bucket_of(self, leading: NDArray[np.uint64]) -> NDArray[Any]:
        if not self._bits:  # a shift by 64 is undefined
            return np.zeros(len(leading), np.intp)
        return (leading.astype(np.uint64) >> np.uint64(64 - self._bits)).astype(np.intp)

    def close(self) -> None:
        for file in self._files:
            file.close()

    def drain(self) -> Iterator[Records]:
        """Yield the records of each bucket, smallest hashes first but unsorted within a bucket, and delete its file."""
        self.close()
        for path in self._paths:
            yield np.fromfile(path, self.dtype)
            path.unlink()
