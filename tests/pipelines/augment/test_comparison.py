import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.results import Evaluation
from atelier.model_card import Metric
from pipelines.augment.comparison import compare, generated_drawings_help
from tests.pipelines.augment.conftest import comparison


def evaluation(correct):
    top1 = np.asarray(correct, np.float64)
    value = float(top1.mean())
    ids = np.arange(len(top1), dtype=np.uint64)
    return Evaluation({"top1": Metric(value=value, low=value, high=value)}, {"top1": top1}, ids)


def test_values_are_means_over_the_seeds_and_the_difference_is_paired():
    rng = np.random.default_rng(0)
    without = [rng.random(400) < 0.6 for _ in range(2)]
    better = [first | (rng.random(400) < 0.2) for first in without]
    found = compare(
        50,
        (150, 90, 3),
        [evaluation(items) for items in without],
        [evaluation(items) for items in better],
        "top1",
        resamples=500,
        seed=0,
    )
    assert found.without_generated.value == pytest.approx(np.mean(without))
    assert found.difference.value == pytest.approx(np.mean(better) - np.mean(without))
    assert found.seeds_with == pytest.approx([items.mean() for items in better])
    assert found.per_class == 50
    # Items that are hard for both sides cancel out: the interval is narrower than either side's own.
    width = found.difference.high - found.difference.low
    assert 0 < width < found.without_generated.high - found.without_generated.low
    assert found.effect == "help"


@pytest.mark.parametrize(
    ("gain", "seeds_with", "effect"),
    [
        ((0.02, 0.01, 0.03), (0.71, 0.73), "help"),
        ((0.02, 0.01, 0.03), (0.76, 0.71), "unclear"),  # the two seeds disagree
        ((0.02, -0.01, 0.03), (0.71, 0.73), "unclear"),
        ((-0.02, -0.03, -0.01), (0.68, 0.70), "hurt"),
        ((-0.02, -0.03, -0.01), (0.60, 0.73), "unclear"),
        ((0.0, 0.0, 0.0), (0.70, 0.72), "unclear"),
    ],
)
def test_an_effect_needs_an_interval_without_zero_and_seeds_that_agree(gain, seeds_with, effect):
    assert comparison(gain=gain, seeds_with=seeds_with).effect == effect


def test_the_recommendation_is_a_sentence():
    assert comparison().recommendation() == "at 50 drawings a class: +2.1 points (+1.3 to +2.9): use them"
    found = comparison(size=None, gain=(-0.02, -0.03, 0.01))
    assert found.recommendation() == "at all drawings a class: -2.0 points (-3.0 to +1.0): no gain can be shown"


def test_a_metric_that_single_items_do_not_have_is_explained():
    sides = [[evaluation([1, 0])]] * 2
    with pytest.raises(BadInputError, match=r"ece is not measured for each item.*top1"):
        compare(1, (3, 3, 3), *sides, "ece", resamples=10, seed=0)


@pytest.mark.parametrize(("size", "gain", "expected"), [(None, 0.02, True), (50, 0.02, False), (None, -0.02, False)])
def test_generated_drawings_help_where_they_help_in_addition_to_all_real_ones(size, gain, expected):
    found = comparison(size=size, gain=(gain, gain - 0.01, gain + 0.01))
    assert generated_drawings_help([found]) == expected
