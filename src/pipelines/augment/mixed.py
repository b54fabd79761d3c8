"""Prepared data whose training split is the first of the real drawings and, with them, generated ones."""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import Manifest, PreparedData, ShardedArray, SplitName
from atelier.registry.tracking import lineage
from pipelines.augment.generated import Generated


class MixedData(PreparedData):
    """A view of prepared data: nothing is written, nothing is copied but what is asked for.

    Validation and test split are the real ones. The training split stands in the order of the ids, as prepared data
    does, so generated drawings are spread among the real ones.

    Parameters
    ----------
    real
        Labelled data.
    per_label
        The first so many training items of each label, in the split's own order, so that a smaller number is a part
        of a larger one; None: all.
    generated
        Drawings that are added; None: none.
    champions
        Who made and judged these: role → version.
    """

    def __init__(
        self,
        real: PreparedData,
        per_label: int | None,
        generated: Generated | None,
        champions: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(real.folder)
        self._real, self._per_label, self._generated = real, per_label, generated
        self._champions = dict(champions) if generated else {}

    @cached_property
    def manifest(self) -> Manifest:
        """The real one's, with a content hash of its own: models of two mixtures are never taken for one another."""
        real = self._real.manifest
        generated = self._generated.content_hash if self._generated else None
        content = lineage.digest([real.content_hash, self._per_label, generated])
        counts = np.bincount(self.split("train")["label"][:], minlength=len(real.labels)).tolist()
        return real.model_copy(
            update={
                "content_hash": content,
                "generated": self._champions,
                "split_hashes": {**real.split_hashes, "train": content},
                "counts": {**real.counts, "train": dict(zip(real.labels, counts, strict=True))},
            }
        )

    def split(self, name: SplitName) -> Mapping[str, ShardedArray]:
        """The fields `image`, `label` and `id` of one split."""
        real = self._real.split(name)
        if name != "train":
            return real
        rows = first_of_each(real["label"][:], self._per_label)
        parts: dict[str, list[Any]] = {field: [real[field]] for field in ("image", "label", "id")}
        ids = real["id"][rows]
        if self._generated:
            for field, arrays in parts.items():
                arrays.append(getattr(self._generated, field).astype(real[field].dtype))
            rows = np.append(rows, len(real["id"]) + np.arange(len(self._generated.label)))
            ids = np.append(ids, self._generated.id)
        rows = rows[np.argsort(ids, kind="stable")]
        return {field: Selection(arrays, rows) for field, arrays in parts.items()}


class Selection(ShardedArray):
    """Some rows of several arrays, in any order, read when they are asked for."""

    def __init__(self, arrays: list[Any], rows: NDArray[np.int64]) -> None:
        self._whole, self._rows = ShardedArray(arrays), rows
        self.shape = (len(rows), *self._whole.shape[1:])
        self.dtype = self._whole.dtype

    def __getitem__(self, index: int | slice | NDArray[np.integer]) -> NDArray[Any]:
        return self._whole[self._rows[index]]


def first_of_each(labels: NDArray[np.integer], number: int | None) -> NDArray[np.int64]:
    """Rows of the first `number` items of each label, in their order; None: of all items."""
    if number is None:
        return np.arange(len(labels))
    order = np.argsort(labels, kind="stable")
    rank = np.empty(len(labels), np.int64)
    rank[order] = np.arange(len(labels)) - np.searchsorted(labels[order], labels[order])
    return np.flatnonzero(rank < number)
