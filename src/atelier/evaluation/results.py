"""The test results of a model, in memory and on disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.unit_bootstrap import Units
from atelier.metric_names import current_name, with_current_names
from atelier.model_card import Metric

_IDS = "ids"
_ITEM = "item."
_SUBSET = "subset."
_UNIT = "unit."
_KINDS = "unit_kinds"
"""Names of the kinds of units. Files from before the units were recorded have no such entry."""


@dataclass(frozen=True)
class Evaluation:
    """The test results of one model version.

    Attributes
    ----------
    metrics
        Name → value with its interval. Logged to MLflow, written into the card, shown in tables.
    items
        Name → float64 (n,), one value per test item; their mean is the metric of that name. The gate compares champion
        and challenger item by item (paired bootstrap). A metric that is not a mean over items has no entry. A metric
        that was measured on m of the items only has m values and an entry in `subset_ids`.
    item_ids
        uint64 (n,): ids of the test items, in the order of `items`.
    pictures
        File name (`confusion.png`) → PNG bytes.
    tables
        File name (`per_class.json`) → content that JSON can represent.
    units
        Kind of unit → uint64 (n,): the unit that each item belongs to, see `unit_bootstrap`. Empty: the items are
        independent. None: read from a file of an earlier version, which does not say what is independent.
    subset_ids
        Name → uint64 (m,): ids of the items behind `items[name]`, where these are not all items.
    """

    metrics: Mapping[str, Metric]
    items: Mapping[str, NDArray[np.float64]]
    item_ids: NDArray[np.uint64]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    units: Units | None = field(default_factory=dict)
    subset_ids: Mapping[str, NDArray[np.uint64]] = field(default_factory=dict)

    def ids_of(self, name: str) -> NDArray[np.uint64]:
        """(m,) ids of the items behind `items[name]`."""
        return self.subset_ids.get(name, self.item_ids)

    def units_of(self, ids: NDArray[np.uint64]) -> Units:
        """Kind of unit → (m,): the units of the items with these ids; empty where the items are independent."""
        order = np.argsort(self.item_ids)
        rows = order[np.searchsorted(self.item_ids, ids, sorter=order)]
        return {kind: unit[rows] for kind, unit in (self.units or {}).items()}

    def write(self, folder: Path) -> None:
        """Write `metrics.json`, `items.npz`, `pictures/` and `tables/`. A missing folder is created."""
        for name in ("pictures", "tables"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, picture in self.pictures.items():
            (folder / "pictures" / name).write_bytes(picture)
        for name, table in self.tables.items():
            (folder / "tables" / name).write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
        np.savez_compressed(folder / "items.npz", allow_pickle=False, **self._arrays())
        metrics = {name: metric.model_dump() for name, metric in self.metrics.items()}
        (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote. Metric names of earlier versions are replaced, see `metric_names`."""
        metrics = with_current_names(json.loads((folder / "metrics.json").read_text(encoding="utf-8")))
        with np.load(folder / "items.npz") as arrays:
            stored = dict(arrays)
        pictures = sorted((folder / "pictures").glob("*"))
        return cls(
            metrics={name: Metric.model_validate(value) for name, value in metrics.items()},
            items=with_current_names(_with_prefix(stored, _ITEM)),
            item_ids=stored[_IDS],
            pictures={current_name(path.stem) + path.suffix: path.read_bytes() for path in pictures},
            tables={path.name: json.loads(path.read_text("utf-8")) for path in sorted((folder / "tables").glob("*"))},
            units=_with_prefix(stored, _UNIT) if _KINDS in stored else None,
            subset_ids=with_current_names(_with_prefix(stored, _SUBSET)),
        )

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """The content of `items.npz`."""
        groups = {_ITEM: self.items, _SUBSET: self.subset_ids, _UNIT: self.units or {}}
        named = {prefix + name: values for prefix, group in groups.items() for name, values in group.items()}
        kinds = {} if self.units is None else {_KINDS: np.array(sorted(self.units), np.str_)}
        return {_IDS: self.item_ids, **named, **kinds}


def _with_prefix(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def in_json(metric: Metric) -> dict[str, float] | None:
    """A metric as an entry of a table; None where a number is NaN or infinite, which JSON does not have."""
    numbers = metric.model_dump()
    return numbers if np.isfinite(list(numbers.values())).all() else None
