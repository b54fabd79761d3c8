"""Prepared data: memory-mapped shards and the manifest that says what is in them.

    data/prepared/<dataset>/
        manifest.json                     written last: a folder without it is not finished
        train-00000.image.npy             one file a split, shard and field
        train-00000.label.npy
        train-00000.id.npy                …

Every data set has a field `id` (uint64, the first 8 bytes of the item's content hash); items of a split stand
in the order of their ids' full hash, so a prepared data set is a pure function of the set of its items.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from atelier.data.download.source import Request
from atelier.errors import BadInputError
from atelier.preprocessing.spec import DrawingInput, PhotoInput
from atelier.settings import Settings

SplitName = Literal["train", "val", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
_HINT = "Make it with: kedro run --pipelines fetch,prepare, with the same --env"


class Manifest(Settings):
    """What a prepared data set holds and where it came from."""

    dataset: str
    labels: tuple[str, ...]
    """Class names; an item's `label` is an index into them. Empty for unlabelled data."""
    counts: dict[str, dict[str, int]]
    """Split → label → items (label `""` for unlabelled data)."""
    content_hash: str
    """SHA-256 over the items' content hashes and labels, all splits."""
    split_hashes: dict[str, str]
    """The same, split by split: equal test hashes mean the same test items."""
    rejected: dict[str, int]
    """Reason → items that were left out (quarantined, duplicate, conflicting label)."""
    source: Request
    """Which raw data was asked for: `source.kind` (sample, mirror, origin), `source.address`, format, categories.

    Its files are in the raw folder's `SOURCE.json`; `raw_hash` stands for them.
    """
    raw_hash: str
    """DVC hash of the raw folder."""
    licence: str
    preprocessing: DrawingInput | PhotoInput | None = Field(default=None, discriminator="kind")
    """How the items were made from what came in; a model that learns from them carries it in its card."""
    generated: dict[str, str] = Field(default_factory=dict)
    """Who made and chose generated items among the training items: role → model version; empty where all are real."""
    made_from: str
    """Fingerprint of raw data and settings: equal means that preparing again would change nothing."""


class ShardedArray:
    """Several memory-mapped arrays that read as one along the first axis.

    Indexing takes an integer, a slice or an integer array, and returns a plain array in the order asked for.
    """

    def __init__(self, shards: list[NDArray[Any]]) -> None:
        self._shards = shards
        self._starts = np.cumsum([0, *(len(shard) for shard in shards)])
        self.shape = (int(self._starts[-1]), *shards[0].shape[1:])
        self.dtype = shards[0].dtype

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, index: int | slice | NDArray[np.integer]) -> NDArray[Any]:
        if isinstance(index, slice):
            index = np.arange(*index.indices(len(self)))
        rows = np.asarray(index)
        flat = np.atleast_1d(rows)
        if len(flat) and (flat.min() < -len(self) or flat.max() >= len(self)):
            raise IndexError(f"index out of range for {len(self)} items")
        flat = np.where(flat < 0, flat + len(self), flat)
        result = np.empty((len(flat), *self.shape[1:]), self.dtype)
        owner = np.searchsorted(self._starts, flat, side="right") - 1
        for shard in np.unique(owner):
            chosen = owner == shard
            result[chosen] = self._shards[shard][flat[chosen] - self._starts[shard]]
        return result if rows.ndim else result[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self[:], dtype=dtype)


class PreparedData:
    """A prepared data set on disk. Opening costs nothing; the manifest is read on first use.

    Raises
    ------
    BadInputError
        On first use, when the folder holds no finished data set, or one that another version of Atelier made.
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

    def is_made_from(self, fingerprint: str) -> bool:
        """Whether preparing again would change nothing; asked before there is anything, too."""
        try:
            return self.manifest.made_from == fingerprint
        except BadInputError:  # not there, or written by another version
            return False

    def split(self, name: SplitName) -> Mapping[str, ShardedArray]:
        """The fields of one split, each of the same length: `image`, `id` and, for labelled data, `label`."""
        self.manifest  # noqa: B018  raises a clear error when the folder is not finished
        fields = sorted({path.name.split(".")[1] for path in self.folder.glob(f"{name}-*.npy")})
        return {
            field: ShardedArray(
                [np.load(path, mmap_mode="r") for path in sorted(self.folder.glob(f"{name}-*.{field}.npy"))]
            )
            for field in fields
        }
