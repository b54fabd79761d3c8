from pathlib import Path

import numpy as np

from atelier.evaluation.results import Evaluation
from atelier.model_card import Metric


def test_an_evaluation_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = Evaluation(
        metrics={"top1": Metric(value=0.5, low=0.25, high=0.75)},
        items={"top1": np.array([0.0, 1.0])},
        item_ids=np.array([2**63 + 1, 7], np.uint64),
        pictures={"confusion.png": b"\x89PNG"},
        tables={"per_class.json": [{"label": "cat", "f1": 0.5}]},
        units={"photos": np.array([2**63 + 5, 3], np.uint64)},
        subset_ids={"slow": np.array([7], np.uint64)},
    )
    written.write(tmp_path / "evaluation")
    read = Evaluation.read(tmp_path / "evaluation")
    assert read.metrics == written.metrics
    assert read.items["top1"].tolist() == [0.0, 1.0]
    assert read.item_ids.tolist() == [2**63 + 1, 7]
    assert read.pictures == written.pictures
    assert read.tables == written.tables
    assert {kind: unit.tolist() for kind, unit in read.units.items()} == {"photos": [2**63 + 5, 3]}
    assert {name: ids.tolist() for name, ids in read.subset_ids.items()} == {"slow": [7]}


def test_independent_items_and_files_that_do_not_say_what_is_independent_are_told_apart(tmp_path: Path) -> None:
    ids = np.arange(2, dtype=np.uint64)
    for units, name in (({}, "independent"), (None, "old")):
        Evaluation({}, {"top1": np.zeros(2)}, ids, units=units).write(tmp_path / name)
        assert Evaluation.read(tmp_path / name).units == units
    assert set(np.load(tmp_path / "old" / "items.npz").files) == {"ids", "item.top1"}  # as earlier versions wrote it


def test_units_are_found_by_the_ids_of_items() -> None:
    evaluation = Evaluation(
        metrics={},
        items={"all": np.zeros(3), "some": np.zeros(2)},
        item_ids=np.array([30, 10, 20], np.uint64),
        units={"photos": np.array([3, 1, 2], np.uint64)},
        subset_ids={"some": np.array([20, 30], np.uint64)},
    )
    assert evaluation.ids_of("all").tolist() == [30, 10, 20]
    assert evaluation.units_of(evaluation.ids_of("some"))["photos"].tolist() == [2, 3]
