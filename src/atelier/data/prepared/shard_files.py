"""The files of prepared data: shards of each split, and what the manifest says of them."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.array_file import append_rows
from atelier.data.prepared.buckets import Records
from atelier.data.prepared.dataset import SPLITS, SplitName


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

    def count(self, split: SplitName, records: Records) -> None:
        """Add records of a split."""
        self._splits[split].update(_all_but_source(records))
        self._counts[split] += np.bincount(records["label"], minlength=len(self._labels))

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
    """Writes the records of one split as shards of `shard_rows` rows. No record is kept in memory, no file open."""

    def __init__(self, folder: Path, split: str, labelled: bool, shard_rows: int) -> None:
        self._folder, self._split, self._labelled, self._shard_rows = folder, split, labelled, shard_rows
        self._shard = 0
        self._rows = 0  # of this shard

    def add(self, records: Records) -> None:
        """Append records. A split without records has one empty shard, so that its fields have a shape."""
        if not self._shard and not self._rows:
            self._append(records[:0])
        while len(records):
            if self._rows == self._shard_rows:
                self._shard, self._rows = self._shard + 1, 0
            part = records[: self._shard_rows - self._rows]
            self._append(part)
            self._rows += len(part)
            records = records[len(part) :]

    def _append(self, records: Records) -> None:
        fields: dict[str, NDArray[Any]] = {"image": records["item"], "id": records["identity"][:, 0].astype("<u8")}
        if self._labelled:
            fields["label"] = records["label"]
        fields |= {name: records["extra"][name] for name in records.dtype["extra"].names or ()}
        for name, values in fields.items():
            append_rows(self._folder / f"{self._split}-{self._shard:05d}.{name}.npy", values, self._rows)


def _all_but_source(records: Records) -> bytes:
    """Identity, content hash, label and further fields of each record, as bytes; not the file that it came from."""
    fields = [("identity", ">u8", 2), ("content", ">u8", 2), ("label", "<u2"), ("extra", records.dtype["extra"])]
    whole = np.empty(len(records), fields)
    for field in whole.dtype.names or ():
        whole[field] = records[field]
    return whole.tobytes()
