import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from atelier.errors import BadInputError
from atelier.model_card import Metric
from atelier.registry.gate.gate import Candidate, decide
from atelier.registry.gate.settings import GateSettings, Rule
from atelier.registry.gate.verdict import Outcome, Verdict
from tests.helpers.registries import GATE, card, evaluation
from tests.helpers.tables import as_text

NAN = float("nan")


def model(right: int = 150, ece: float = 0.1, version: str = "1", first_id: int = 0, **cost: float) -> Candidate:
    result = evaluation(right, ece, first_id)
    return Candidate(version, card(metrics=dict(result.metrics), **cost), result)


def from_sources(made: Candidate, **sources: str) -> Candidate:
    lineage = made.card.lineage.model_copy(update={"sources": sources})
    return replace(made, card=made.card.model_copy(update={"lineage": lineage}))


def outcomes(verdict: Verdict) -> dict[str, Outcome]:
    return {comparison.metric: comparison.outcome for comparison in verdict.comparisons}


def with_rule(**rules: Rule) -> GateSettings:
    return GATE.model_copy(update={"rules": {**GATE.rules, **rules}})


def test_a_clearly_better_challenger_is_promoted_with_its_numbers():
    verdict = decide(model(170, version="2"), model(150), GATE)
    primary = verdict.comparisons[0]
    assert verdict.promote
    assert (verdict.challenger, verdict.champion, verdict.test_items) == ("2", "1", 200)
    assert outcomes(verdict) == {"top1": "better", "ece": "not worse"}
    assert primary.difference.value == pytest.approx(0.1)
    assert 0 < primary.difference.low < 0.1 < primary.difference.high
    assert primary.paired
    assert not verdict.comparisons[1].paired


def test_an_equal_challenger_is_not_worse_and_not_promoted():
    verdict = decide(model(150, version="2"), model(150), GATE)
    assert outcomes(verdict)["top1"] == "not worse"
    assert not verdict.promote
    assert "primary metric, is not better" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("right", "tolerance", "expected"),
    [
        (149, 0.05, "not worse"),
        (149, 0.001, "not shown to be no worse"),
        (140, 0.05, "not shown to be no worse"),
        (130, 0.01, "worse"),
    ],
)
def test_a_loss_is_compared_with_the_tolerance(right, tolerance, expected):
    verdict = decide(model(right, version="2"), model(150), with_rule(top1=Rule(tolerance=tolerance)))
    assert outcomes(verdict)["top1"] == expected
    assert not verdict.promote


def test_a_loss_that_cannot_be_ruled_out_is_not_called_worse():
    # Equal means, but the two are right on different items: with 200 items that may hide a loss of 0.05.
    champion = model(100)
    shuffled = replace(champion.evaluation, items={"top1": champion.evaluation.items["top1"][::-1].copy()})
    verdict = decide(Candidate("2", champion.card, shuffled), champion, with_rule(top1=Rule(tolerance=0.05)))
    assert verdict.comparisons[0].difference.value == 0
    assert outcomes(verdict)["top1"] == "not shown to be no worse"
    assert verdict.reasons[0].startswith("top1 is not shown to be no worse: +0.0000 (-0.")
    assert not verdict.promote


def test_lower_is_better_where_the_rule_says_so():
    rules = with_rule(top1=Rule(direction="lower", tolerance=0.0))
    assert outcomes(decide(model(130, version="2"), model(150), rules))["top1"] == "better"
    assert outcomes(decide(model(170, version="2"), model(150), rules))["top1"] == "worse"


@pytest.mark.parametrize(
    ("ece", "expected"), [(0.05, "better"), (0.1, "not worse"), (0.119, "not worse"), (0.13, "worse")]
)
def test_a_metric_without_items_is_compared_by_its_value_and_interval(ece, expected):
    assert outcomes(decide(model(170, ece), model(150, 0.1), GATE))["ece"] == expected


def test_overlapping_intervals_are_not_better():
    champion, challenger = model(150, 0.1), model(170, 0.09)
    metrics = {**challenger.evaluation.metrics, "ece": Metric(value=0.09, low=0.07, high=0.11)}
    verdict = decide(replace(challenger, evaluation=replace(challenger.evaluation, metrics=metrics)), champion, GATE)
    assert outcomes(verdict)["ece"] == "not worse"


def test_without_items_a_loss_with_overlapping_intervals_is_not_shown_to_be_no_worse():
    champion, challenger = model(150, 0.1), model(170, 0.13)
    metrics = {**challenger.evaluation.metrics, "ece": Metric(value=0.13, low=0.09, high=0.17)}
    verdict = decide(replace(challenger, evaluation=replace(challenger.evaluation, metrics=metrics)), champion, GATE)
    assert outcomes(verdict)["ece"] == "not shown to be no worse"
    assert not verdict.promote


def test_worse_on_a_secondary_metric_rejects_a_better_challenger():
    verdict = decide(model(170, ece=0.2, version="2"), model(150, ece=0.1), GATE)
    assert not verdict.promote
    assert verdict.reasons == ("ece is worse: +0.1000 (+0.1000 to +0.1000), and a loss of at most 0.02 is tolerated.",)


def test_items_are_matched_by_id_not_by_position():
    champion, challenger = model(150), model(170, version="2")
    order = np.random.default_rng(0).permutation(200)
    shuffled = replace(
        challenger.evaluation,
        item_ids=challenger.evaluation.item_ids[order],
        items={"top1": challenger.evaluation.items["top1"][order]},
    )
    assert decide(replace(challenger, evaluation=shuffled), champion, GATE) == decide(challenger, champion, GATE)


def test_other_items_are_refused():
    with pytest.raises(BadInputError, match="same test items"):
        decide(model(170, first_id=1), model(150), GATE)


@pytest.mark.parametrize(("right", "promoted"), [(150, True), (80, False)])
def test_floors_decide_for_the_first_champion(right, promoted):
    verdict = decide(model(right), None, GATE)
    assert verdict.promote is promoted
    assert verdict.champion is None
    assert outcomes(verdict)["top1"] == "no champion"
    assert promoted or verdict.reasons == ("top1 is 0.4000, below its floor of 0.5.",)


def test_a_floor_is_a_ceiling_where_lower_is_better():
    assert decide(model(150, ece=0.41), None, GATE).reasons == ("ece is 0.4100, above its ceiling of 0.4.",)


@pytest.mark.parametrize(
    "cost", [{"latency_p95_ms": 51.0}, {"size_mb": 1.1}, {"latency_p95_ms": NAN}, {"size_mb": -1.0}]
)
def test_a_budget_that_does_not_hold_rejects_the_challenger(cost):
    verdict = decide(model(170, **cost), model(150), GATE)
    assert not verdict.promote
    assert next(iter(cost)) in verdict.reasons[0]


@pytest.mark.parametrize("cost", [{"latency_p95_ms": 26.0}, {"size_mb": 0.6}])
def test_the_parts_of_a_model_keep_a_budget_together(cost):
    result = evaluation(170)
    alone, together = (Candidate("2", card(parts=parts, **cost), result) for parts in (("a",), ("a", "b")))
    assert decide(alone, None, GATE).promote
    assert next(iter(cost)) in decide(together, None, GATE).reasons[0]


def test_the_largest_parity_of_all_parts_counts():
    parts = card(parts=("a", "b")).model_copy(update={"parity": {"a": 1e-7, "b": 1e-3}})
    assert decide(Candidate("2", parts, evaluation(170)), None, GATE).reasons[0].startswith("parity is 0.001")


@pytest.mark.parametrize("champion", [None, model(150)])
def test_nan_never_passes(champion):
    challenger = model(170, ece=NAN, version="2")
    verdict = decide(challenger, champion, with_rule(ece=Rule(direction="lower", tolerance=0.02)))
    assert not verdict.promote
    assert verdict.reasons == ("ece is nan, which is not a result.",)


def test_nan_in_one_item_never_passes():
    challenger = model(199, version="2")
    challenger.evaluation.items["top1"][3] = NAN
    verdict = decide(challenger, model(150), GATE)
    assert outcomes(verdict)["top1"] == "not shown to be no worse"
    assert not verdict.promote


def test_a_nan_champion_does_not_let_a_challenger_through():
    assert not decide(model(170, version="2"), model(150, ece=NAN), GATE).promote


@pytest.mark.parametrize("real", ["mirror", "origin"])
def test_a_model_of_sample_data_never_replaces_one_of_real_data(real):
    from_samples, champion = (
        from_sources(model(199, version="3"), points="sample"),
        from_sources(model(110, version="2"), points=real),
    )
    verdict = decide(from_samples, champion, GATE)
    assert not verdict.promote
    assert verdict.reasons == ("v3 was trained on sample data (points), the champion v2 on real data.",)
    assert verdict.short() == "v3 rejected: sample data"
    assert verdict.sentence() in Verdict.model_validate_json(verdict.model_dump_json()).markdown()


@pytest.mark.parametrize(
    ("challenger", "champion"),
    [("mirror", "sample"), ("sample", "sample"), ("origin", "mirror")],
)
def test_every_other_change_of_data_is_decided_by_the_results(challenger, champion):
    assert decide(from_sources(model(170), points=challenger), from_sources(model(150), points=champion), GATE).promote


def test_a_model_of_sample_data_can_be_the_first_champion():
    assert decide(from_sources(model(170), points="sample"), None, GATE).promote


def test_each_data_set_counts_for_itself():
    champion = from_sources(model(150, version="2"), a="sample", b="origin", c="mirror")
    assert decide(from_sources(model(170), a="sample", b="mirror", c="origin"), champion, GATE).promote
    verdict = decide(from_sources(model(170, version="3"), a="sample", b="sample", c="sample"), champion, GATE)
    assert verdict.reasons[0].startswith("v3 was trained on sample data (b, c),")


def test_an_old_card_that_names_no_source_is_not_taken_for_a_sample():
    verdict = decide(
        from_sources(model(170, version="3"), points="sample"), from_sources(model(150, version="2")), GATE
    )
    assert verdict.reasons == ("v3 was trained on sample data (points), the champion v2 on data of unknown source.",)
    assert decide(from_sources(model(170)), from_sources(model(150), points="origin"), GATE).promote


def test_a_rule_for_an_unknown_metric_names_the_known_ones():
    with pytest.raises(BadInputError, match=r"names f1.*It has: ece, top1"):
        decide(model(), None, with_rule(f1=Rule()))


def test_the_verdict_survives_json_even_with_nan():
    verdict = decide(model(170, ece=NAN, version="2"), model(150), GATE)
    again = Verdict.model_validate_json(verdict.model_dump_json())
    assert np.isnan(again.comparisons[1].challenger.value)
    assert again.reasons == verdict.reasons
    json.dumps(verdict.as_json(), allow_nan=False)


def test_the_table_has_every_number_without_colors():
    text = as_text(decide(model(170, version="2"), model(150), GATE).table())
    for part in ("v2", "v1", "0.8500", "0.7500", "+0.1000", "latency_p95_ms", "≤ 50", "better", "promoted"):
        assert part in text
    assert "\x1b" not in text


def test_the_same_seed_gives_the_same_verdict():
    assert decide(model(155, version="2"), model(150), GATE) == decide(model(155, version="2"), model(150), GATE)


def test_the_primary_metric_needs_a_rule():
    with pytest.raises(ValidationError, match="has no rule"):
        GateSettings(primary="map3", rules={"top1": Rule()}, budgets=GATE.budgets)
