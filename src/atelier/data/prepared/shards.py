"""Build prepared data from any number of items in bounded memory: hash, sort, drop duplicates, split, write shards.

The result is a pure function of the set of items, their identities and labels. It depends neither on the order of the
items nor on the files that they come from. Items pass through two sets of buckets: sorted by content, where duplicates
are found, and by identity, the order of the shards.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.data.content_hash import Hashes, content_hashes
from atelier.data.prepared.buckets import Buckets, Extra, Records, record_type
from atelier.data.prepared.dataset import SPLITS
from atelier.data.prepared.shard_files import ShardSummary, SplitWriter
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
        them, the first by identity, file and line is kept.
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
        self._dtype = record_type(item_shape, extra or {})
        self._by_content = Buckets(folder / "content", self._dtype, "content", expected_bytes)
        self._by_identity = Buckets(folder / "identity", self._dtype, "identity", expected_bytes)

    def add(
        self,
        items: NDArray[np.uint8],
        identities: Hashes,
        label: int | NDArray[np.int64],
        file: str,
        lines: Sequence[int],
        **extra: ArrayLike,
    ) -> None:
        """Add items (n, *item_shape), of one label or a label each, which come from these lines of a file.

        Parameters
        ----------
        identities
            (n, 2): hash of what each item is at its source.
        extra
            n values of each further field.
        """
        records = np.empty(len(items), self._dtype)
        records["identity"], records["content"] = identities, content_hashes(items)
        records["label"], records["file"] = label, self._files.setdefault(file, len(self._files))
        records["line"], records["item"] = lines, items
        for name in self._dtype["extra"].names or ():
            records["extra"][name] = extra[name]
        self._by_content.add(records)

    def finish(self) -> ShardSummary:
        """Write all shards and return a summary of them."""
        rows = max(1, SHARD_BYTES // max(1, self._dtype["item"].itemsize))
        writers = {split: SplitWriter(self._folder, split, bool(self._labels), rows) for split in SPLITS}
        summary = ShardSummary(self._labels, self._dtype)
        for bucket in self._by_content.drain():
            self._by_identity.add(self._one_of_each_content(bucket))
        for bucket in self._by_identity.drain():
            records = self._one_of_each_identity(bucket)
            assigned = assign(records["identity"][:, 1], self._fractions)
            summary.count(records, assigned)
            for number, split in enumerate(SPLITS):
                writers[split].add(records[assigned == number])
        for writer in writers.values():
            writer.close()
        return summary

    def _one_of_each_content(self, records: Records) -> Records:
        """One record of each content, with the identity of `group_identities`.

        Contents with several labels are dropped.
        """
        if not len(records):
            return records
        rank = assign(records["identity"][:, 1], self._fractions)
        records = self._sorted(records, "content", rank)
        first = _first_of_equal(records["content"])
        starts = np.flatnonzero(first)
        labels = records["label"]
        conflict_of = np.minimum.reduceat(labels, starts) != np.maximum.reduceat(labels, starts)
        conflict = np.repeat(conflict_of, np.diff(np.append(starts, len(records))))
        self._report(self._problems(records[conflict | ~first], conflict[conflict | ~first]))
        kept: Records = records[first & ~conflict]
        return kept

    def _one_of_each_identity(self, records: Records) -> Records:
        """Records sorted by identity. Of different contents with one identity, the first by file and line is kept."""
        records = self._sorted(records, "identity", np.zeros(len(records), np.uint8))
        first = _first_of_equal(records["identity"])
        self._report(self._problems(records[~first], np.zeros(int((~first).sum()), np.bool_)))
        kept: Records = records[first]
        return kept

    def _sorted(self, records: Records, key: str, rank: NDArray[np.uint8]) -> Records:
        """Records sorted by a hash, then by rank, identity, file and line: the same one is kept every time."""
        names = np.array(list(self._files), dtype=object)
        file_order = np.argsort(np.argsort(names)) if len(names) else np.zeros(0, np.intp)
        identity, hashes = records["identity"], records[key]
        keys = (records["line"], file_order[records["file"]], identity[:, 1], identity[:, 0], rank)
        return records[np.lexsort((*keys, hashes[:, 1], hashes[:, 0]))]

    def _problems(self, records: Records, conflict: NDArray[np.bool_]) -> Iterable[Problem]:
        names = list(self._files)
        for record, conflicting in zip(records, conflict, strict=True):
            reason = "conflicting label" if conflicting else "duplicate"
            content = f"content {int(record['content'][0]):016x}"
            detail = f"{self._labels[record['label']]}: {content}" if self._labels else content
            yield Problem(names[record["file"]], int(record["line"]), reason, detail)


def _first_of_equal(hashes: Hashes) -> NDArray[np.bool_]:
    """Whether each of the sorted hashes (n, 2) is the first of those that are equal."""
    return np.append(True, (hashes[1:] != hashes[:-1]).any(axis=1))[: len(hashes)]
