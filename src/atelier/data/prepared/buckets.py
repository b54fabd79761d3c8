"""Items on disk, spread over buckets by content hash, so that any number can be sorted in little memory."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Records = NDArray[np.void]
"""Fields `hash` (two big-endian uint64: sorts as the bytes do), `label`, `file`, `line`, `item`, `extra`."""

BUCKET_BYTES = 64 << 20
"""Size a bucket should have: sorting one takes about three times as much memory."""
MOST_BUCKETS = 512
"""Files held open at once; a power of two."""


Extra = Mapping[str, tuple[str, tuple[int, ...]]]
"""Further fields of an item: name → (numpy type, shape), such as `{"attributes": ("<f4", (6,))}`."""


def record_type(item_shape: Sequence[int], extra: Extra) -> np.dtype[np.void]:
    """One spilled item of this shape: its content hash, its label, where it came from, its bytes, further fields."""
    further = np.dtype([(name, *kind) for name, kind in extra.items()])
    place = [("file", "<u4"), ("line", "<u4")]
    return np.dtype(
        [("hash", ">u8", 2), ("label", "<u2"), *place, ("item", "u1", tuple(item_shape)), ("extra", further)]
    )


def content_hashes(items: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """BLAKE2b of each item's bytes, 128 bits as (n, 2) big-endian uint64."""
    digests = b"".join(hashlib.blake2b(item.data, digest_size=16).digest() for item in np.ascontiguousarray(items))
    return np.frombuffer(digests, ">u8").reshape(-1, 2)


class Spill:
    """Buckets of records in a folder; bucket 0 holds the smallest hashes.

    Parameters
    ----------
    folder
        Empty folder for the bucket files.
    expected_bytes
        Rough size of everything to come; decides how many buckets there are.
    extra
        Fields that every item has besides its label.
    """

    def __init__(
        self, folder: Path, item_shape: Sequence[int], expected_bytes: int, extra: Extra | None = None
    ) -> None:
        self.dtype = record_type(item_shape, extra or {})
        wanted = max(1, -(-expected_bytes // BUCKET_BYTES))
        self._bits = min((wanted - 1).bit_length(), MOST_BUCKETS.bit_length() - 1)
        folder.mkdir(parents=True, exist_ok=True)
        self._paths = [folder / f"{number:03d}.bucket" for number in range(2**self._bits)]
        self._files: list[IO[bytes]] = [path.open("wb", buffering=1 << 16) for path in self._paths]

    def add(
        self, items: NDArray[np.uint8], label: int, file: int, lines: Sequence[int], extra: Mapping[str, ArrayLike]
    ) -> None:
        """Append items (n, *item_shape) of one label and file; `lines` says where each stood, `extra` has n of each."""
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

    def buckets(self) -> Iterator[Records]:
        """Each bucket's records, smallest hashes first but unsorted within the bucket; deletes as it goes."""
        self.close()
        for path in self._paths:
            yield np.fromfile(path, self.dtype)
            path.unlink()
