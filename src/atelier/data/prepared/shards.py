"""Prepared data from any number of items, in bounded memory: hash, sort, drop duplicates, split, write shards.

The result is a pure function of the set of items and their labels: neither the order in which they come nor the files
they come from change a byte of it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.data.prepared.buckets import Extra, Records, Spill
from atelier.data.prepared.dataset import SPLITS
from atelier.data.prepared.splits import Fractions, assign
from atelier.data.quarantine import Problem

SHARD_BYTES = 64 << 20
"""Size of a finished shard's largest field."""


class ShardBuilder:
    """Takes items in any order, then writes them as `prepared.py` describes. Use `rebuilt` for the folder.

    Parameters
    ----------
    folder
        Empty folder that becomes the prepared data, but for its manifest.
    labels
        Class names; empty for unlabelled data.
    item_shape
        Shape of one item (uint8), such as (28, 28) or (64, 64, 3).
    expected_bytes
        Rough size of all items together.
    report
        Called with every duplicate and conflict.
    extra
        Fields that every item has besides its label, such as measures of a face. Of duplicates that differ in them,
        the first by file and line is kept.
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
        self._spill = Spill(folder / "spill", item_shape, expected_bytes, extra)

    def add(self, items: NDArray[np.uint8], label: int, file: str, lines: Sequence[int], **extra: ArrayLike) -> None:
        """Take items (n, *item_shape) of one label; `file` and `lines` say where they come from."""
        self._spill.add(items, label, self._files.setdefault(file, len(self._files)), lines, extra)

    def finish(self) -> "Built":
        """Write all shards and return what they hold."""
        rows = max(1, SHARD_BYTES // max(1, self._spill.dtype["item"].itemsize))
        writers = {split: _SplitWriter(self._folder, split, bool(self._labels), rows) for split in SPLITS}
        built = Built(self._labels)
        for bucket in self._spill.buckets():
            records = self._without_duplicates(_sorted(bucket, list(self._files)))
            side = assign(records["hash"][:, 1].astype(np.uint64), self._fractions)
            built.count(records, side)
            for number, split in enumerate(SPLITS):
                writers[split].add(records[side == number])
        for writer in writers.values():
            writer.close()
        (self._folder / "spill").rmdir()
        return built

    def _without_duplicates(self, records: Records) -> Records:
        """Sorted records, one for each content; contents with several labels are dropped altogether."""
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


class Built:
    """What the shards hold: counts and hashes for the manifest."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels) or ("",)
        self._counts = {split: np.zeros(len(self._labels), np.int64) for split in SPLITS}
        seed = json.dumps(list(labels)).encode()  # the same items under other names are other data
        self._content = hashlib.sha256(seed)
        self._splits = {split: hashlib.sha256(seed) for split in SPLITS}

    def count(self, records: Records, side: NDArray[np.uint8]) -> None:
        self._content.update(_identity(records))
        for number, split in enumerate(SPLITS):
            chosen = records[side == number]
            self._splits[split].update(_identity(chosen))
            self._counts[split] += np.bincount(chosen["label"], minlength=len(self._labels))

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Split → label → items."""
        return {split: dict(zip(self._labels, counts.tolist(), strict=True)) for split, counts in self._counts.items()}

    @property
    def per_label(self) -> dict[str, int]:
        """Label → items of all splits."""
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
    """By content, then by where they stood, so that the same one of several duplicates is kept every time."""
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
    """Collects records of one split and writes a shard whenever there is enough for one."""

    def __init__(self, folder: Path, split: str, labelled: bool, shard_rows: int) -> None:
        self._folder, self._split, self._labelled, self._shard_rows = folder, split, labelled, shard_rows
        self._waiting: list[Records] = []
        self._rows = 0
        self._shard = 0

    def add(self, records: Records) -> None:
        self._waiting.append(records)
        self._rows += len(records)
        while self._rows >= self._shard_rows:
            everything = np.concatenate(self._waiting)
            self._write(everything[: self._shard_rows])
            self._waiting = [everything[self._shard_rows :].copy()]
            self._rows = len(self._waiting[0])

    def close(self) -> None:
        """Write what is left; a split without items gets one empty shard, so that its fields still have a shape."""
        if self._rows or not self._shard:
            self._write(np.concatenate(self._waiting))
        self._waiting = []

    def _write(self, records: Records) -> None:
        fields: dict[str, NDArray[Any]] = {"image": records["item"], "id": records["hash"][:, 0].astype("<u8")}
        if self._labelled:
            fields["label"] = records["label"]
        fields |= {name: records["extra"][name] for name in records.dtype["extra"].names or ()}
        for name, values in fields.items():
            np.save(self._folder / f"{self._split}-{self._shard:05d}.{name}.npy", np.ascontiguousarray(values))
        self._shard += 1
