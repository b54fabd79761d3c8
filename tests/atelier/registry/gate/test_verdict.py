import json

import pytest

from atelier.model_card import Metric
from atelier.registry.gate.verdict import Budget, Comparison, Outcome, SampleDataCheck, Verdict
from tests.helpers.tables import as_text

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
    ("changes", "reason"),
    [
        ({}, None),
        (
            {"outcome": Outcome.NOT_SHOWN},
            "top1 is not shown to be no worse: +0.0000 (-0.0200 to +0.0200), "
            "a loss of more than 0.01 cannot be ruled out.",
        ),
        (
            {"outcome": Outcome.WORSE, "difference": Metric(value=-0.05, low=-0.07, high=-0.03)},
            "top1 is worse: -0.0500 (-0.0700 to -0.0300), and a loss of at most 0.01 is tolerated.",
        ),
        ({"outcome": Outcome.NOT_WORSE}, "top1, the primary metric, is not better: +0.0000 (-0.0200 to +0.0200)."),
        ({"outcome": Outcome.NOT_WORSE, "primary": False}, None),
        ({"challenger": Metric(value=float("nan"), low=0, high=1)}, "top1 is nan, which is not a result."),
    ],
)
def test_the_reason_of_a_metric_to_reject(changes, reason):
    assert comparison(**changes).rejection_reason() == reason


@pytest.mark.parametrize(
    ("direction", "reason"),
    [("higher", "top1 is 0.9000, below its floor of 0.5."), ("lower", "top1 is 0.9000, above its ceiling of 0.5.")],
)
def test_a_floor_is_named_a_ceiling_where_lower_is_better(direction, reason):
    assert comparison(direction=direction, floor_holds=False).floor_rejection_reason() == reason
    assert comparison(direction=direction, floor_holds=True).floor_rejection_reason() is None


def test_the_short_form_names_what_failed():
    budgets = (
        Budget(name="size_mb", value=2.0, limit=1.0, holds=False),
        Budget(name="p", value=1, limit=1, holds=True),
    )
    found = verdict(comparison(), comparison(metric="ece", outcome=Outcome.WORSE), budgets=budgets)
    assert found.short() == "v2 rejected: ece, size_mb"
    assert found.sentence() == "v2 is rejected. Because."
    assert verdict(comparison(), promote=True).short() == "v2 promoted"
    assert budgets[0].rejection_reason() == "size_mb is 2, over the budget of 1."


def test_one_row_for_each_metric_and_budget():
    exceeded = Budget(name="size_mb", value=2.0, limit=1.0, holds=False)
    found = verdict(comparison(floor_holds=False), budgets=(exceeded,))
    for part in ("200 test items", "better, out of bounds", "≥ 0.5", "≤ 1", "exceeded"):
        assert part in as_text(found.table())
        assert part in found.markdown()
    assert "challenger v2 against champion v1" in as_text(found.table())


def test_the_page_of_a_version_begins_with_the_outcome_and_has_a_table():
    lines = verdict(comparison()).markdown().splitlines()
    assert lines[0] == f"**{verdict(comparison()).sentence()}**"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 3
    assert {line.count("|") for line in table} == {7}


def test_a_verdict_of_an_earlier_version_is_read():
    check = SampleDataCheck(challenger="2", champion="1", data=("points",), known=True)
    written = verdict(comparison()).model_copy(update={"inputs_hash": "abc", "sample_data": check})
    old = json.loads(written.model_dump_json())
    old["asked"], old["unreal"] = old.pop("inputs_hash"), old.pop("sample_data")
    del old["units"]
    assert Verdict.model_validate_json(json.dumps(old)) == written


def test_a_verdict_from_when_there_were_three_outcomes_is_read():
    written = verdict(comparison(outcome=Outcome.WORSE))  # today: not shown to be no worse
    assert Verdict.model_validate_json(written.model_dump_json()).short() == "v2 rejected: top1"


def test_the_title_counts_the_independent_units():
    counted = verdict(comparison()).model_copy(update={"test_items": 80, "units": {"photos": 8, "paintings": 10}})
    assert "80 test items (8 photos x 10 paintings)" in as_text(counted.table())
