"""An evaluation on disk, between the step that computes it and the one that registers it.

<folder>/metrics.json   items.npz   pictures/*.png   tables/*.json
"""

import json
from pathlib import Path

import numpy as np

from atelier.card import Metric
from atelier.evaluation.result import Evaluation

_IDS = "ids"
_ITEM = "item."


def write(evaluation: Evaluation, folder: Path) -> None:
    """Write all parts of an evaluation into a folder, which is made when it is not there."""
    for name in ("pictures", "tables"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, picture in evaluation.pictures.items():
        (folder / "pictures" / name).write_bytes(picture)
    for name, table in evaluation.tables.items():
        (folder / "tables" / name).write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    items = {_ITEM + name: values for name, values in evaluation.items.items()}
    np.savez_compressed(folder / "items.npz", allow_pickle=False, **{_IDS: evaluation.item_ids}, **items)
    metrics = {name: metric.model_dump() for name, metric in evaluation.metrics.items()}
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")


def read(folder: Path) -> Evaluation:
    """Read back what `write` wrote."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    with np.load(folder / "items.npz") as arrays:
        items = {name.removeprefix(_ITEM): arrays[name] for name in arrays.files if name.startswith(_ITEM)}
        ids = arrays[_IDS]
    return Evaluation(
        metrics={name: Metric.model_validate(value) for name, value in metrics.items()},
        items=items,
        item_ids=ids,
        pictures={path.name: path.read_bytes() for path in sorted((folder / "pictures").glob("*"))},
        tables={path.name: json.loads(path.read_text("utf-8")) for path in sorted((folder / "tables").glob("*"))},
    )
