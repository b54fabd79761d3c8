"""Items on disk, spread over buckets by a hash, so that any number of items can be sorted in bounded memory."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Records = NDArray[np.void]
"""Fields `identity` and `content` (two big-endian uint64 each: they sort as the bytes do), `label`, `file`, `line`,
`item`, `extra`."""

BUCKET_BYTES = 64 << 20
"""Intended size of a bucket. Sorting one takes about three times as much memory."""
MAX_BUCKETS = 512
"""Largest number of buckets; a power of two."""
BUFFER_BYTES = 1 << 16
"""Records of a bucket that are kept in memory before they are written. No file stays open between two writes."""


Extra = Mapping[str, tuple[str, tuple[int, ...]]]
"""Further fields of an item: name → (numpy type, shape), such as `{"attributes": ("<f4", (6,))}`."""


def record_type(item_shape: Sequence[int], extra: Extra) -> np.dtype[np.void]:
    """The type of a record: hashes of identity and content, label, file and line, the item's bytes, further fields."""
    further = np.dtype([(name, *kind) for name, kind in extra.items()])
    hashes = [("identity", ">u8", 2), ("content", ">u8", 2)]
    source = [("label", "<u2"), ("file", "<u4"), ("line", "<u4")]
    return np.dtype([*hashes, *source, ("item", "u1", tuple(item_shape)), ("extra", further)])


class Buckets:
    """Buckets of records in a folder. Bucket 0 holds the smallest hashes.

    Parameters
    ----------
    folder
        Empty folder for the bucket files.
    dtype
        The type of the records.
    key
        The field whose hash decides the bucket: `identity` or `content`.
    expected_bytes
        Approximate size of all items; sets the number of buckets.
    """

    def __init__(self, folder: Path, dtype: np.dtype[np.void], key: str, expected_bytes: int) -> None:
        self.dtype = dtype
        self._folder, self._key = folder, key
        count = max(1, -(-expected_bytes // BUCKET_BYTES))
        self._bits = min((count - 1).bit_length(), MAX_BUCKETS.bit_length() - 1)
        folder.mkdir(parents=True, exist_ok=True)
        self._paths = [folder / f"{number:03d}.bucket" for number in range(2**self._bits)]
        self._buffers = [bytearray() for _ in self._paths]

    def add(self, records: Records) -> None:
        """Append records of this type."""
        bucket = self._bucket_of(records[self._key][:, 0])
        for number in np.unique(bucket):
            self._buffers[number] += records[bucket == number].tobytes()
            if len(self._buffers[number]) >= BUFFER_BYTES:
                self._flush(int(number))

    def _bucket_of(self, leading: NDArray[np.uint64]) -> NDArray[Any]:
        if not self._bits:  # a shift by 64 is undefined
            return np.zeros(len(leading), np.intp)
        return (leading.astype(np.uint64) >> np.uint64(64 - self._bits)).astype(np.intp)

    def _flush(self, number: int) -> None:
        with self._paths[number].open("ab") as file:
            file.write(self._buffers[number])
        self._buffers[number].clear()

    def drain(self) -> Iterator[Records]:
        """Yield the records of each bucket, smallest hashes first but unsorted within a bucket, and delete its file."""
        for number in range(len(self._paths)):
            self._flush(number)
        for path in self._paths:
            yield np.fromfile(path, self.dtype)
            path.unlink()
        self._folder.rmdir()
