"""Build prepared data from any number of items in bounded memory: hash, sort, drop duplicates, split, write shards.

The result is a pure function of the set of items and their labels. It depends neither on the order of the items nor on
the files that they come from.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.data.prepared.buckets import Buckets, Extra, Records
from atelier.data.prepared.dataset import SPLITS
from atelier.data.prepared.splits import Fractions, assign
from atelier.data.quarantine import Problem

SHARD_BYTES = 64 << 20
"""Size of the largest field of a shard."""


class ShardBuilder:
    """Collects items in any order, then writes them in the format of `dataset.py`. Create the folder with `rebuilt`.

    Parameters
    ----------
    folder
        Empty folder for the shards.
    labels
        Class names; empty for unlabelled data.
    item_shape
        Shape of one item (uint8), such as (28, 28) or (64, 64, 3).
    expected_bytes
        Approximate size of all items.
    report
        Called with all duplicates and conflicts.
    extra
        Fields that every item has in addition to its label, such as attributes of a face. Of duplicates that differ in
        them, the first by file and line is kept.
    """

    def __init__(
        self,
        folder: Path,
        labels: Sequence[str],
        item_shape: Sequence[int],
        expected_bytes: int,
        fractions: Fractions,
        report: Callable[[Iterable[Problem]], None],
        extra: Extra | None = None,
    ) -> None:
        self._folder = folder
        self._labels = tuple(labels)
        self._fractions = fractions
        self._report = report
        self._files: dict[str, int] = {}
        self._buckets = Buckets(folder / "buckets", item_shape, expected_bytes, extra)

    def add(self, items: NDArray[np.uint8], label: int, file: str, lines: Sequence[int], **extra: ArrayLike) -> None:
        """Add items (n, *item_shape) of one label, which come from these lines of a file."""
        self._buckets.add(items, label, self._files.setdefault(file, len(self._files)), lines, extra)

    def finish(self) -> "ShardSummary":
        """Write all shards and return a summary of them."""
        rows = max(1, SHARD_BYTES // max(1, self._buckets.dtype["item"].itemsize))
        writers = {split: _SplitWriter(self._folder, split, bool(self._labels), rows) for split in SPLITS}
        summary = ShardSummary(self._labels)
        for bucket in self._buckets.drain():
            records = self._without_duplicates(_sorted(bucket, list(self._files)))
            assigned = assign(records["hash"][:, 1].astype(np.uint64), self._fractions)
            summary.count(records, assigned)
            for number, split in enumerate(SPLITS):
                writers[split].add(records[assigned == number])
        for writer in writers.values():
            writer.close()
        (self._folder / "buckets").rmdir()
        return summary

    def _without_duplicates(self, records: Records) -> Records:
        """Sorted records, one of each content; contents with several labels are dropped."""
        if not len(records):
            return records
        first = np.append(True, (records["hash"][1:] != records["hash"][:-1]).any(axis=1))
        starts = np.flatnonzero(first)
        labels = records["label"]
        conflict_of = np.minimum.reduceat(labels, starts) != np.maximum.reduceat(labels, starts)
        conflict = np.repeat(conflict_of, np.diff(np.append(starts, len(records))))
        self._report(self._problems(records[conflict | ~first], conflict[conflict | ~first]))
        kept: Records = records[first & ~conflict]
        return kept

    def _problems(self, records: Records, conflict: NDArray[np.bool_]) -> Iterable[Problem]:
        names = list(self._files)
        for record, conflicting in zip(records, conflict, strict=True):
            reason = "conflicting label" if conflicting else "duplicate"
            content = f"content {int(record['hash'][0]):016x}"
            detail = f"{self._labels[record['label']]}: {content}" if self._labels else content
            yield Problem(names[record["file"]], int(record["line"]), reason, detail)


class ShardSummary:
    """Counts and hashes of the shards, for the manifest."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels) or ("",)
        self._counts = {split: np.zeros(len(self._labels), np.int64) for split in SPLITS}
        seed = json.dumps(list(labels)).encode()  # with other class names the same items are other data
        self._content = hashlib.sha256(seed)
        self._splits = {split: hashlib.sha256(seed) for split in SPLITS}

    def count(self, records: Records, assigned: NDArray[np.uint8]) -> None:
        """Add records; `assigned` is the index of each record's split."""
        self._content.update(_identity(records))
        for number, split in enumerate(SPLITS):
            chosen = records[assigned == number]
            self._splits[split].update(_identity(chosen))
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
    def content_hash(self) -> str:
        return self._content.hexdigest()

    @property
    def split_hashes(self) -> dict[str, str]:
        return {split: digest.hexdigest() for split, digest in self._splits.items()}


def _sorted(records: Records, files: list[str]) -> Records:
    """Records sorted by content, file and line, so that the same one of several duplicates is kept every time."""
    rank = np.argsort(np.argsort(np.array(files, dtype=object))) if files else np.zeros(0, np.intp)
    keys = (records["line"], rank[records["file"]], records["hash"][:, 1], records["hash"][:, 0])
    return records[np.lexsort(keys)]


def _identity(records: Records) -> bytes:
    """Content hash, label and further fields of each record, as bytes."""
    whole = np.empty(len(records), [("hash", ">u8", 2), ("label", "<u2"), ("extra", records.dtype["extra"])])
    for field in whole.dtype.names or ():
        whole[field] = records[field]
    return whole.tobytes()


class _SplitWriter:
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
        fields: dict[str, NDArray[Any]] = {"image": records["item"], "id": records["hash"][:, 0].astype("<u8")}
        if self._labelled:
            fields["label"] = records["label"]
        fields |= {name: records["extra"][name] for name in records.dtype["extra"].names or ()}
        for name, values in fields.items():
            np.save(self._folder / f"{self._split}-{self._shard:05d}.{name}.npy", np.ascontiguousarray(values))
        self._shard += 1
