"""What was written under old metric names is read under today's."""

import json
from pathlib import Path

import numpy as np
import pytest

from atelier.champion_history import History
from atelier.evaluation.results import Evaluation
from atelier.metric_names import RENAMED, current_name
from atelier.model_card import Metric, ModelCard
from atelier.registry.gate.verdict import Comparison
from atelier.registry.status import FamilyStatus
from tests.helpers.classifier_champion import make_card

HALF = {"value": 0.5, "low": 0.4, "high": 0.6}


def test_no_name_is_both_old_and_current():
    assert not RENAMED.keys() & set(RENAMED.values())
    assert len(set(RENAMED.values())) == len(RENAMED)
    assert current_name("top1") == "top1"


def test_old_card_is_read_with_todays_names(tmp_path: Path):
    written = json.loads(make_card().model_dump_json())
    written["metrics"] = {"agreement": HALF, "real_copies": HALF, "frechet": HALF, "grid": HALF}
    (tmp_path / "card.json").write_text(json.dumps(written), encoding="utf-8")
    card = ModelCard.read(tmp_path / "card.json")
    assert card.metrics == {
        name: Metric(**HALF) for name in ("label_accuracy", "real_memorization_rate", "frechet", "checkerboard")
    }


def test_old_evaluation_is_read_with_todays_names(tmp_path: Path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "agreement.png").write_bytes(b"\x89PNG")
    metrics = dict.fromkeys(["agreement", "copies", "shimmer", "monotone", "reached", "style"], HALF)
    (tmp_path / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    ids = np.arange(2, dtype=np.uint64)
    np.savez(tmp_path / "items.npz", **{"ids": ids, "item.agreement": np.ones(2), "item.style": np.zeros(2)})
    read = Evaluation.read(tmp_path)
    assert set(read.metrics) == {
        *("label_accuracy", "memorization_rate", "shift_instability", "strength_monotonicity", "gap_closed", "style")
    }
    assert read.items["label_accuracy"].tolist() == [1, 1]
    assert read.items["style"].tolist() == [0, 0]
    assert read.pictures == {"label_accuracy.png": b"\x89PNG"}


def test_old_verdict_and_old_status_are_read_with_todays_names():
    written = {
        "metric": "copies",
        "primary": False,
        "direction": "lower",
        "tolerance": 0.01,
        "floor": None,
        "challenger": HALF,
        "champion": None,
        "difference": None,
        "paired": False,
        "outcome": "no champion",
        "floor_holds": True,
    }
    assert Comparison.model_validate_json(json.dumps(written)).metric == "memorization_rate"
    status = {"family": "f", "champion": None, "challenger": None, "runs": {}, "verdict": None, "pending": False}
    status |= {"history": History(family="f").model_dump()}
    assert set(FamilyStatus.model_validate(status | {"metrics": {"grid": HALF}}).metrics) == {"checkerboard"}


@pytest.mark.parametrize("metrics", [[1], "agreement", {"agreement": "much"}])
def test_metrics_that_are_not_numbers_by_name_are_refused(metrics):
    with pytest.raises(ValueError, match="metrics"):
        ModelCard.model_validate(json.loads(make_card().model_dump_json()) | {"metrics": metrics})
