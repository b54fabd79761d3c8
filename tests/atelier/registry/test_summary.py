import pytest

from atelier.registry.gate.tables import plain
from atelier.registry.status import standing
from atelier.registry.summary import summary
from tests.helpers.registries import FAMILY, enter


@pytest.fixture
def promoted(versions):
    enter(versions, 3)
    return versions


def test_the_summary_names_version_metric_verdict_run_and_next_step(promoted):
    text = plain(summary(promoted, {FAMILY: "top1", "unborn": "loss"}))
    run_id = standing(promoted, FAMILY).champion.run_id
    for part in ("v3", "top1 0.8000 (0.7", "v3 promoted", run_id[:8], "mlflow ui", "bentoml serve", "unborn", "none"):
        assert part in text


def test_the_summary_says_what_kept_the_last_challenger_out(promoted):
    enter(promoted, 4)
    assert "v4 kept out: top1" in plain(summary(promoted, {FAMILY: "top1"}))


def test_before_the_first_champion_the_table_says_so(registry):
    assert "no version was judged yet" in plain(summary(registry, {FAMILY: "top1"}))
