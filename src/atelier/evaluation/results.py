"""The test results of a model, in memory and on disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from atelier.metric_names import current_name, with_current_names
from atelier.model_card import Metric

_IDS = "ids"
_ITEM = "item."


@dataclass(frozen=True)
class Evaluation:
    """The test results of one model version.

    Attributes
    ----------
    metrics
        Name → value with its interval. Logged to MLflow, written into the card, shown in tables.
    items
        Name → float64 (n,), one value per test item; their mean is the metric of that name. The gate compares champion
        and challenger item by item (paired bootstrap). A metric that is not a mean over items has no entry.
    item_ids
        uint64 (n,): ids of the test items, in the order of `items`.
    pictures
        File name (`confusion.png`) → PNG bytes.
    tables
        File name (`per_class.json`) → content that JSON can represent.
    """

    metrics: Mapping[str, Metric]
    items: Mapping[str, NDArray[np.float64]]
    item_ids: NDArray[np.uint64]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write `metrics.json`, `items.npz`, `pictures/` and `tables/`. A missing folder is created."""
        for name in ("pictures", "tables"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, picture in self.pictures.items():
            (folder / "pictures" / name).write_bytes(picture)
        for name, table in self.tables.items():
            (folder / "tables" / name).write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
        items = {_ITEM + name: values for name, values in self.items.items()}
        np.savez_compressed(folder / "items.npz", allow_pickle=False, **{_IDS: self.item_ids}, **items)
        metrics = {name: metric.model_dump() for name, metric in self.metrics.items()}
        (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote. Metric names of earlier versions are replaced, see `metric_names`."""
        metrics = with_current_names(json.loads((folder / "metrics.json").read_text(encoding="utf-8")))
        with np.load(folder / "items.npz") as arrays:
            items = {name.removeprefix(_ITEM): arrays[name] for name in arrays.files if name.startswith(_ITEM)}
            ids = arrays[_IDS]
        pictures = sorted((folder / "pictures").glob("*"))
        return cls(
            metrics={name: Metric.model_validate(value) for name, value in metrics.items()},
            items=with_current_names(items),
            item_ids=ids,
            pictures={current_name(path.stem) + path.suffix: path.read_bytes() for path in pictures},
            tables={path.name: json.loads(path.read_text("utf-8")) for path in sorted((folder / "tables").glob("*"))},
        )


def in_json(metric: Metric) -> dict[str, float] | None:
    """A metric as an entry of a table; None where it is undefined, because JSON has no NaN."""
    return None if np.isnan(metric.value) else metric.model_dump()
