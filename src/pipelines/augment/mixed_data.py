"""Prepared data with a smaller training split, to which generated drawings may be added."""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import Manifest, PreparedData, ShardedArray, SplitName
from atelier.registry.tracking import lineage
from pipelines.augment.generated_drawings import GeneratedDrawings


class MixedData(PreparedData):
    """A view of prepared data: nothing is written, and only the items that are read are copied.

    Validation and test split are those of the real data. The training split is sorted by id, as prepared data is, so
    the generated drawings are spread among the real ones.

    Parameters
    ----------
    real
        Labelled data.
    per_label
        Number of training items of each label: the first ones in the order of the split, so that a smaller selection
        is a part of a larger one. None: all.
    generated
        Drawings that are added to the training split.
    champions
        The champions that made them: role (`generator`, `filter`) → version.
    """

    def __init__(
        self,
        real: PreparedData,
        per_label: int | None,
        generated: GeneratedDrawings | None,
        champions: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(real.folder)
        self._real, self._per_label, self._generated = real, per_label, generated
        self._champions = dict(champions) if generated else {}

    @cached_property
    def manifest(self) -> Manifest:
        """That of the real data, with another content hash, so that models of two mixtures are never confused."""
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
        rows = first_rows_per_label(real["label"][:], self._per_label)
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
    """Rows of several arrays, in any order; they are read when they are indexed."""

    def __init__(self, arrays: list[Any], rows: NDArray[np.int64]) -> None:
        self._arrays, self._rows = ShardedArray(arrays), rows
        self.shape = (len(rows), *self._arrays.shape[1:])
        self.dtype = self._arrays.dtype

    def __getitem__(self, index: int | slice | NDArray[np.integer]) -> NDArray[Any]:
        return self._arrays[self._rows[index]]


def first_rows_per_label(labels: NDArray[np.integer], number: int | None) -> NDArray[np.int64]:
    """Rows of the first `number` items of each label, ascending; of all items where `number` is None.

    Parameters
    ----------
    labels
        (n,): label of each item.
    """
    if number is None:
        return np.arange(len(labels))
    order = np.argsort(labels, kind="stable")
    rank = np.empty(len(labels), np.int64)
    rank[order] = np.arange(len(labels)) - np.searchsorted(labels[order], labels[order])
    return np.flatnonzero(rank < number)
