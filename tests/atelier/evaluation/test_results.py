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
    )
    written.write(tmp_path / "evaluation")
    read = Evaluation.read(tmp_path / "evaluation")
    assert read.metrics == written.metrics
    assert read.items["top1"].tolist() == [0.0, 1.0]
    assert read.item_ids.tolist() == [2**63 + 1, 7]
    assert read.pictures == written.pictures
    assert read.tables == written.tables
