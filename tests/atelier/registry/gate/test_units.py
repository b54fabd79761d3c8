"""The gate on pairs of photos and paintings: two equal models, and how often one is called better."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from atelier.evaluation.bootstrap import paired_difference
from atelier.evaluation.results import Evaluation
from atelier.evaluation.stylization.artifacts import border_statistic
from atelier.evaluation.unit_bootstrap import bootstrap_units, mean_over_units
from atelier.registry.gate.gate import Candidate, decide
from atelier.registry.gate.settings import GateSettings, Rule
from tests.helpers.photo_painting_pairs import every_pair, framed_images, simulated
from tests.helpers.registries import GATE, card

SHAPE = (8, 10)
PAIRS = every_pair(*SHAPE)
IDS = np.arange(80, dtype=np.uint64)[::-1].copy() + 7
SOME = {"shift_instability": [0, 11, 22, 33, 44, 55, 66, 77], "strength_monotonicity": [0, 11, 22, 33]}
"""Metric → the pairs that it is measured on; no two of them share a photo or a painting."""
BETWEEN_MODELS = (0.1, 0.2, 0.1)
"""How far two models that are equal on average differ by photo, by painting and by pair."""


def lower_is_better(*names: str) -> GateSettings:
    rules = {name: Rule(direction="lower", tolerance=0.01) for name in names}
    return GATE.model_copy(update={"primary": names[0], "rules": rules, "resamples": 200})


def two_models(rng: np.random.Generator) -> list[Candidate]:
    """A challenger and a champion that are equal on average, on the same photos and paintings."""
    names = ("style", "content", "checkerboard", *SOME)
    difficulty = {name: simulated(rng, SHAPE, (1, 1, 1)) for name in names}
    candidates = []
    for version in ("2", "1"):
        values = {name: 5 + difficulty[name] + simulated(rng, SHAPE, BETWEEN_MODELS) for name in names}
        items = {name: values[name][SOME.get(name, slice(None))] for name in names}
        subsets = {name: IDS[rows] for name, rows in SOME.items()}
        metrics = {name: mean_over_units(items[name], {}, 1) for name in names}
        result = Evaluation(metrics, items, IDS, units=PAIRS, subset_ids=subsets)
        candidates.append(Candidate(version, card(), result))
    return candidates


def test_of_two_equal_models_one_is_rarely_called_better():
    rng, settings = np.random.default_rng(0), lower_is_better("style", "content", "checkerboard", *SOME)
    trials, better = 300, dict.fromkeys(settings.rules, 0)
    one_way = 0
    for _ in range(trials):
        challenger, champion = two_models(rng)
        for comparison in decide(challenger, champion, settings).comparisons:
            assert comparison.paired
            better[comparison.metric] += comparison.outcome == "better"
        styles = (candidate.evaluation.items["style"] for candidate in (challenger, champion))
        one_way += paired_difference(*styles, resamples=200).high < 0
    assert all(0.005 <= count / trials <= 0.05 for count in better.values()), better
    assert one_way / trials > 0.2  # the pairs as if they were independent


def test_of_two_equal_borders_one_is_rarely_called_better():
    rng, settings, units = np.random.default_rng(1), lower_is_better("border"), every_pair(4, 5)
    better = 0
    for trial in range(60):
        models = []
        for version in ("2", "1"):
            statistic = border_statistic(framed_images(rng, (4, 5), 20.0))
            metric = bootstrap_units(statistic, units, 100, trial, centered=True)
            models.append(Candidate(version, card(), Evaluation({"border": metric}, {}, IDS[:20], units=units)))
        better += decide(*models, settings).comparisons[0].outcome == "better"
    assert better / 60 <= 0.05  # two intervals that do not overlap: less often than in 2.5 %


def test_a_better_model_is_called_better():
    challenger, champion = two_models(np.random.default_rng(2))
    items = {name: values - 1 for name, values in challenger.evaluation.items.items()}
    better = replace(challenger, evaluation=replace(challenger.evaluation, items=items))
    verdict = decide(better, champion, lower_is_better("style", "shift_instability"))
    assert [comparison.outcome for comparison in verdict.comparisons] == ["better", "better"]
    assert verdict.units == {"photos": 8, "paintings": 10}
    assert verdict.promote


def test_pairs_are_matched_by_id_with_their_units():
    challenger, champion = two_models(np.random.default_rng(3))
    order, settings = np.random.default_rng(4).permutation(80), lower_is_better("style", "shift_instability")
    result = challenger.evaluation
    shuffled = replace(
        result,
        item_ids=IDS[order],
        items={**result.items, "style": result.items["style"][order]},
        units={kind: unit[order] for kind, unit in PAIRS.items()},
    )
    assert decide(replace(challenger, evaluation=shuffled), champion, settings) == decide(
        challenger, champion, settings
    )


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (3, 3)])
def test_few_units_do_not_promote_by_chance(shape):
    count, rng = int(np.prod(shape)), np.random.default_rng(5)
    result = partial(Evaluation, item_ids=IDS[:count], units=every_pair(*shape))
    metric = mean_over_units([0.5], {}, 1)
    models = [
        Candidate(version, card(), result(metrics={"style": metric}, items={"style": rng.random(count)}))
        for version in ("2", "1")
    ]
    assert not decide(*models, lower_is_better("style")).promote
