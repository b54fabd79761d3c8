import pytest

from atelier.model_card import Metric
from atelier.registry.gate.tables import plain
from atelier.registry.gate.verdict import Budget, Comparison, Outcome, Rollback, Verdict

SURE = Metric(value=0.9, low=0.9, high=0.9)


def comparison(**changes):
    fields = {
        "metric": "top1",
        "primary": True,
        "direction": "higher",
        "tolerance": 0.01,
        "floor": 0.5,
        "challenger": SURE,
        "champion": SURE,
        "difference": Metric(value=0.0, low=-0.02, high=0.02),
        "paired": True,
        "outcome": Outcome.BETTER,
        "floor_holds": True,
    }
    return Comparison(**fields | changes)


def verdict(*comparisons, budgets=(), promote=False):
    return Verdict(
        family="doubler",
        challenger="2",
        champion="1",
        test_items=200,
        comparisons=comparisons,
        budgets=budgets,
        promote=promote,
        reasons=("Because.",),
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        (
            {"outcome": Outcome.WORSE},
            "top1: +0.0000 (-0.0200 to +0.0200), a loss of more than 0.01 cannot be ruled out.",
        ),
        ({"outcome": Outcome.NOT_WORSE}, "top1, the primary metric, is not better: +0.0000 (-0.0200 to +0.0200)."),
        ({"outcome": Outcome.NOT_WORSE, "primary": False}, None),
        ({"challenger": Metric(value=float("nan"), low=0, high=1)}, "top1 is nan, which is no result."),
    ],
)
def test_what_a_metric_has_against_promoting(changes, said):
    assert comparison(**changes).objection() == said


@pytest.mark.parametrize(
    ("direction", "said"),
    [("higher", "top1 is 0.9000, below its floor of 0.5."), ("lower", "top1 is 0.9000, above its ceiling of 0.5.")],
)
def test_a_floor_is_named_a_ceiling_where_lower_is_better(direction, said):
    assert comparison(direction=direction, floor_holds=False).floor_objection() == said
    assert comparison(direction=direction, floor_holds=True).floor_objection() is None


def test_the_short_form_names_what_speaks_against():
    budgets = (
        Budget(name="size_mb", value=2.0, limit=1.0, holds=False),
        Budget(name="p", value=1, limit=1, holds=True),
    )
    found = verdict(comparison(), comparison(metric="ece", outcome=Outcome.WORSE), budgets=budgets)
    assert found.short() == "v2 kept out: ece, size_mb"
    assert found.sentence() == "v2 is kept out. Because."
    assert verdict(comparison(), promote=True).short() == "v2 promoted"
    assert budgets[0].objection() == "size_mb is 2, over the budget of 1."


def test_a_row_a_metric_and_a_budget():
    exceeded = Budget(name="size_mb", value=2.0, limit=1.0, holds=False)
    text = verdict(comparison(floor_holds=False), budgets=(exceeded,)).text()
    for part in (
        "challenger v2 against champion v1, 200 test items",
        "better, out of bounds",
        "≥ 0.5",
        "≤ 1",
        "exceeded",
    ):
        assert part in text


def test_a_rollback_shows_the_metrics_of_both_sides():
    record = Rollback(family="doubler", left="2", champion="1", before={"top1": SURE}, after={"ece": SURE}, at="now")
    rows = plain(record.table()).splitlines()
    assert "back from v2 to v1" in rows[0]
    assert [row.split("│")[1].strip() for row in rows if "0.9000" in row] == ["ece", "top1"]
