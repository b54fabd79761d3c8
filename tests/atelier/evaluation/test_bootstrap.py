import tracemalloc

import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation import bootstrap as module
from atelier.evaluation.bootstrap import bootstrap, bootstrap_each, bootstrap_mean, paired_difference


def numbers(metric):
    return (metric.value, metric.low, metric.high)


def test_mean_and_normal_theory_agree():
    items = np.random.default_rng(1).normal(3.0, 2.0, 4000)
    metric = bootstrap_mean(items, resamples=4000)
    half = 1.96 * items.std() / np.sqrt(len(items))
    assert metric.value == pytest.approx(items.mean())
    assert metric.low == pytest.approx(items.mean() - half, abs=0.06 * half)
    assert metric.high == pytest.approx(items.mean() + half, abs=0.06 * half)


def test_grouped_and_ungrouped_resamples_follow_one_distribution():
    items = np.random.default_rng(2).random(900) < 0.9
    values = items.astype(float)
    grouped = bootstrap_mean(items, resamples=4000)
    ungrouped = bootstrap(lambda weights: weights @ values / len(values), len(values), resamples=4000)
    assert numbers(grouped) == pytest.approx(numbers(ungrouped), abs=0.002)


def test_interval_covers_the_truth_at_its_level():
    rng = np.random.default_rng(3)
    covered = 0
    for trial in range(400):
        metric = bootstrap_mean(rng.random(200) < 0.85, resamples=400, seed=trial)
        covered += metric.low <= 0.85 <= metric.high
    assert 0.91 <= covered / 400 <= 0.98


def test_paired_interval_covers_the_truth_and_is_narrower_than_unpaired():
    rng = np.random.default_rng(4)
    covered = narrower = 0
    for trial in range(200):
        hardness = rng.random(300)
        challenger = (hardness + rng.normal(0, 0.05, 300) < 0.85).astype(float)
        champion = (hardness + rng.normal(0, 0.05, 300) < 0.80).astype(float)
        metric = paired_difference(challenger, champion, resamples=400, seed=trial)
        covered += metric.low <= 0.05 <= metric.high
        unpaired = np.hypot(*(np.ptp(numbers(bootstrap_mean(x, 400))) for x in (challenger, champion)))
        narrower += np.ptp(numbers(metric)) < unpaired
    assert 0.9 <= covered / 200 <= 0.99
    assert narrower == 200


def test_the_interval_depends_on_the_seed_alone():
    items = np.random.default_rng(5).random(100)
    assert bootstrap_mean(items, seed=7) == bootstrap_mean(items, seed=7)
    assert bootstrap_mean(items, seed=7) != bootstrap_mean(items, seed=8)


def test_the_difference_is_positive_for_a_better_challenger():
    metric = paired_difference([1.0] * 60 + [0.0] * 40, [1.0] * 40 + [0.0] * 60)
    assert metric.value == pytest.approx(0.2)
    assert 0 < metric.low < metric.value < metric.high


def test_nan_gives_nan():
    assert np.isnan(numbers(bootstrap_mean([1.0, np.nan, 0.0]))).all()
    assert np.isnan(numbers(paired_difference([1.0, np.nan], [1.0, 1.0]))).all()
    assert np.isnan(numbers(bootstrap(lambda weights: np.full(len(weights), np.nan), 10))).all()


def test_resamples_with_an_undefined_statistic_are_ignored():
    values = np.array([0.0, 1.0, 1.0])

    def share_among_the_last_two(weights):
        with np.errstate(invalid="ignore"):
            return (weights[:, 1:] @ values[1:]) / weights[:, 1:].sum(1)

    assert numbers(bootstrap(share_among_the_last_two, 3)) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("items", [[], [[1.0, 2.0]], 3.0])
def test_items_must_be_one_number_each(items):
    with pytest.raises(BadInputError, match="one number per test item"):
        bootstrap_mean(items)


def test_different_lengths_are_refused():
    with pytest.raises(BadInputError, match="same test items"):
        paired_difference([1.0, 0.0], [1.0])


@pytest.mark.parametrize(("n", "resamples", "level"), [(0, 10, 0.95), (5, 0, 0.95), (5, 10, 1.0)])
def test_invalid_arguments_are_refused(n, resamples, level):
    with pytest.raises(BadInputError):
        bootstrap(lambda weights: weights.sum(1), n, resamples, level=level)


@pytest.mark.parametrize("counts", [7, np.array([3, 0, 500])])
def test_every_resample_has_the_number_of_items(counts):
    metric = bootstrap(lambda weights: weights.sum(1), counts, resamples=50)
    assert numbers(metric) == (np.sum(counts),) * 3


def test_several_statistics_use_the_same_resamples():
    values = np.random.default_rng(6).random(50)
    first, second = bootstrap_each(lambda weights: np.stack([weights @ values, 2 * (weights @ values)], 1), 50)
    assert numbers(second) == pytest.approx(2 * np.array(numbers(first)))


def test_a_centered_interval_contains_the_value_of_a_biased_statistic():
    share_of_distinct = lambda weights: (weights > 0).mean(axis=1)  # noqa: E731
    plain, centered = (bootstrap(share_of_distinct, 100, centered=centered) for centered in (False, True))
    assert (plain.value, plain.high) == (1, 1)
    assert 1 - centered.low == pytest.approx(centered.high - 1, rel=0.3)
    assert centered.high - centered.low < 0.5 * (plain.high - plain.low)


def test_memory_does_not_grow_with_the_number_of_resamples(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 10_000)
    tracemalloc.start()
    bootstrap_mean(np.random.default_rng(7).random(5_000), resamples=2_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6  # all weights at once would be 80 MB


def test_without_a_defined_resample_the_value_stays_and_its_interval_is_unbounded():
    def only_on_all_items(weights):
        return np.where((weights == 1).all(axis=1), 0.5, np.nan)

    assert numbers(bootstrap(only_on_all_items, 10)) == (0.5, -np.inf, np.inf)
