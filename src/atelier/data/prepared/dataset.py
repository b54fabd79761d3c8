"""Prepared data: shards, and a manifest that describes them.

    data/prepared/<dataset>/
        manifest.json                     written last: a folder without it is not complete
        train-00000.image.npy             one file per split, shard and field
        train-00000.label.npy
        train-00000.id.npy                …

Every data set has a field `id` (uint64, the first 8 bytes of the item's identity, a hash of what the item is at its
source). It is the same at every size and pen width. The items of a split are sorted by their identities, so a prepared
data set is a pure function of the set of its items.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from atelier.data.download.source import DataRequest
from atelier.data.prepared.array_file import ArrayFile
from atelier.errors import BadInputError
from atelier.preprocessing.spec import Preprocessing
from atelier.settings import Settings

SplitName = Literal["train", "val", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
_HINT = "Make it with: kedro run --pipelines fetch,prepare, with the same --env"


class Manifest(Settings):
    """The content of a prepared data set, and its origin."""

    dataset: str
    labels: tuple[str, ...]
    """Class names; an item's `label` is an index into them. Empty for unlabelled data."""
    attributes: tuple[str, ...] = ()
    """The columns of the field `attributes`, float32 (items, columns), such as `age`; a missing value is NaN. Empty for
    data without attributes."""
    counts: dict[str, dict[str, int]]
    """Split → label → number of items (label `""` for unlabelled data)."""
    content_hash: str
    """Hash of all splits, see `combined_hash`."""
    split_hashes: dict[str, str]
    """Split → SHA-256 of everything that a reader of it sees: the items in their order with identities, labels and
    further fields, the class names, and how the items were made. Equal test hashes mean equal test items."""
    rejected: dict[str, int]
    """Reason → number of items that were left out (quarantined, duplicate, conflicting label)."""
    source: DataRequest
    """The requested raw data: `source.kind` (sample, mirror, origin), `source.address`, format, categories.

    The raw folder's `SOURCE.json` lists the files; `raw_hash` is their hash.
    """
    raw_hash: str
    """DVC hash of the raw folder."""
    licence: str
    preprocessing: Preprocessing | None = None
    """How the items were made from the raw data; copied to the card of a model that is trained on them."""
    generated: dict[str, str] = Field(default_factory=dict)
    """Models that made and selected generated training items: role → model version; empty where all items are real."""
    fingerprint: str
    """Hash of raw data and settings: where it is equal, preparing again would change nothing."""

    @property
    def intended_use(self) -> str:
        """What the data may be used for; empty where its source does not say."""
        return self.source.intended_use


def combined_hash(split_hashes: Mapping[str, str]) -> str:
    """The hash of a whole data set, made of the hashes of its splits."""
    return hashlib.sha256(json.dumps(split_hashes, sort_keys=True).encode()).hexdigest()


class Rows(Protocol):
    """Rows that can be indexed by an integer array (n,): an array, a file, or another `ShardedArray`."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: NDArray[np.integer], /) -> NDArray[Any]: ...


class ShardedArray:
    """Several arrays or files, concatenated along the first axis; rows of files are read when they are indexed.

    The index is an integer, a slice or an integer array. The result is a plain array, in the order of the index.
    """

    def __init__(self, shards: Sequence[Rows]) -> None:
        self._shards = shards
        self._starts = np.cumsum([0, *(len(shard) for shard in shards)])
        self.shape = (int(self._starts[-1]), *shards[0].shape[1:])
        self.dtype = shards[0].dtype

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, index: int | slice | NDArray[np.integer]) -> NDArray[Any]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._read_range(start, stop) if step == 1 else self[np.arange(start, stop, step)]
        rows = np.asarray(index)
        flat = np.atleast_1d(rows)
        if len(flat) and (flat.min() < -len(self) or flat.max() >= len(self)):
            raise IndexError(f"index out of range for {len(self)} items")
        result = self._read_rows(np.where(flat < 0, flat + len(self), flat))
        return result if rows.ndim else result[0]

    def _read_range(self, start: int, stop: int) -> NDArray[Any]:
        """Shard by shard, so that no index of all rows is in memory."""
        result = np.empty((max(0, stop - start), *self.shape[1:]), self.dtype)
        row = start
        while row < stop:
            shard = int(np.searchsorted(self._starts, row, side="right")) - 1
            first, end = int(self._starts[shard]), min(stop, int(self._starts[shard + 1]))
            result[row - start : end - start] = self._shards[shard][np.arange(row - first, end - first)]
            row = end
        return result

    def _read_rows(self, rows: NDArray[np.integer]) -> NDArray[Any]:
        result = np.empty((len(rows), *self.shape[1:]), self.dtype)
        order = np.argsort(rows, kind="stable")
        ordered = rows[order]
        shard_of = np.searchsorted(self._starts, ordered, side="right") - 1
        ends = [*(np.flatnonzero(np.diff(shard_of)) + 1).tolist(), len(rows)]
        for start, end in pairwise([0, *ends]) if len(rows) else ():
            shard = shard_of[start]
            result[order[start:end]] = self._shards[shard][ordered[start:end] - self._starts[shard]]
        return result

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self[:], dtype=dtype)


class PreparedData:
    """A prepared data set on disk. The manifest is read on first use.

    Raises
    ------
    BadInputError
        On first use, when the folder holds no complete data set, or one that another version of Atelier wrote.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def manifest(self) -> Manifest:
        path = self.folder / "manifest.json"
        if not path.exists():
            raise BadInputError(f"There is no prepared data in {self.folder}. {_HINT}")
        try:
            return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
        except ValidationError as error:
            raise BadInputError(f"{path} was written by another version of Atelier. {_HINT}") from error

    def is_up_to_date(self, fingerprint: str) -> bool:
        """Whether the folder holds a complete data set with this fingerprint."""
        try:
            return self.manifest.fingerprint == fingerprint
        except BadInputError:  # missing, or written by another version
            return False

    def split(self, name: SplitName) -> Mapping[str, ShardedArray]:
        """The fields of one split, all of one length: `image`, `id`, `label` (for labelled data), and further ones."""
        self.manifest  # noqa: B018  raises an error where the folder is not complete
        fields = sorted({path.name.split(".")[1] for path in self.folder.glob(f"{name}-*.npy")})
        return {
            field: ShardedArray([ArrayFile(path) for path in sorted(self.folder.glob(f"{name}-*.{field}.npy"))])
            for field in fields
        }
