"""The files of prepared data: shards of each split, and what the manifest says of them."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.buckets import Records
from atelier.data.prepared.dataset import SPLITS


class ShardSummary:
    """Counts and hashes of the shards, for the manifest.

    The hash of a split covers everything that a reader of the split sees: the class names, the shape of the items, and
    of each item, in their order, its identity, content, label and further fields.
    """

    def __init__(self, labels: Sequence[str], dtype: np.dtype[np.void]) -> None:
        self._labels = tuple(labels) or ("",)
        self._counts = {split: np.zeros(len(self._labels), np.int64) for split in SPLITS}
        described = json.dumps([list(labels), dtype["item"].shape, str(dtype["extra"].descr)])
        self._splits = {split: hashlib.sha256(described.encode()) for split in SPLITS}

    def count(self, records: Records, assigned: NDArray[np.uint8]) -> None:
        """Add records; `assigned` is the index of each record's split."""
        for number, split in enumerate(SPLITS):
            chosen = records[assigned == number]
            self._splits[split].update(_all_but_source(chosen))
            self._counts[split] += np.bincount(chosen["label"], minlength=len(self._labels))

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Split → label → number of items."""
        return {split: dict(zip(self._labels, counts.tolist(), strict=True)) for split, counts in self._counts.items()}

    @property
    def per_label(self) -> dict[str, int]:
        """Label → number of items in all splits."""
        total: Counter[str] = Counter()
        for counts in self.counts.values():
            total.update(counts)
        return dict(total)

    @property
    def split_hashes(self) -> dict[str, str]:
        return {split: digest.hexdigest() for split, digest in self._splits.items()}


class SplitWriter:
    """Collects records of one split and writes a shard whenever there are enough of them."""

    def __init__(self, folder: Path, split: str, labelled: bool, shard_rows: int) -> None:
        self._folder, self._split, self._labelled, self._shard_rows = folder, split, labelled, shard_rows
        self._pending: list[Records] = []
        self._rows = 0
        self._shard = 0

    def add(self, records: Records) -> None:
        self._pending.append(records)
        self._rows += len(records)
        while self._rows >= self._shard_rows:
            everything = np.concatenate(self._pending)
            self._write(everything[: self._shard_rows])
            self._pending = [everything[self._shard_rows :].copy()]
            self._rows = len(self._pending[0])

    def close(self) -> None:
        """Write the remaining records. A split without items gets one empty shard, so that its fields have a shape."""
        if self._rows or not self._shard:
            self._write(np.concatenate(self._pending))
        self._pending = []

    def _write(self, records: Records) -> None:
        fields: dict[str, NDArray[Any]] = {"image": records["item"], "id": records["identity"][:, 0].astype("<u8")}
        if self._labelled:
            fields["label"] = records["label"]
        fields |= {name: records["extra"][name] for name in records.dtype["extra"].names or ()}
        for name, values in fields.items():
            np.save(self._folder / f"{self._split}-{self._shard:05d}.{name}.npy", np.ascontiguousarray(values))
        self._shard += 1


def _all_but_source(records: Records) -> bytes:
    """Identity, content hash, label and further fields of each record, as bytes; not the file that it came from."""
    fields = [("identity", ">u8", 2), ("content", ">u8", 2), ("label", "<u2"), ("extra", records.dtype["extra"])]
    whole = np.empty(len(records), fields)
    for field in whole.dtype.names or ():
        whole[field] = records[field]
    return whole.tobytes()
