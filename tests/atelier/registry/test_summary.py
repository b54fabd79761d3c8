import pytest

from atelier.registry.status import status
from atelier.registry.summary import summary
from tests.helpers.registries import FAMILY, gate_version
from tests.helpers.tables import as_text


@pytest.fixture
def promoted(versions):
    gate_version(versions, 3)
    return versions


def test_the_summary_names_version_metric_verdict_run_and_next_step(promoted):
    text = as_text(summary(promoted, {FAMILY: "top1", "absent": "loss"}))
    run_id = status(promoted, FAMILY).champion.run_id
    for part in ("v3", "top1 0.8000 (0.7", "v3 promoted", run_id[:8], "mlflow ui", "bentoml serve", "absent", "none"):
        assert part in text


def test_the_summary_says_why_the_last_challenger_was_rejected(promoted):
    gate_version(promoted, 4)
    assert "v4 rejected: top1" in as_text(summary(promoted, {FAMILY: "top1"}))


def test_before_the_first_champion_the_table_says_so(registry):
    assert "no verdict yet" in as_text(summary(registry, {FAMILY: "top1"}))
