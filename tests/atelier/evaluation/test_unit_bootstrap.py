import tracemalloc

import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation import unit_bootstrap as module
from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.unit_bootstrap import bootstrap_units, mean_over_units
from tests.helpers.photo_painting_pairs import every_pair, simulated


def numbers(metric):
    return (metric.value, metric.low, metric.high)


def width(metric):
    return metric.high - metric.low


@pytest.mark.parametrize("shape", [(3, 3), (8, 4), (8, 10)])
@pytest.mark.parametrize("deviations", [(1, 1, 1), (1, 0.1, 0.3), (0, 1, 0.5), (0.3, 0.3, 1)])
def test_the_interval_covers_the_truth_at_its_level(shape, deviations):
    rng = np.random.default_rng(1)
    pairs = every_pair(*shape)
    covered = one_way = 0
    for trial in range(200):
        values = simulated(rng, shape, deviations)
        metric = mean_over_units(values, pairs, resamples=200, seed=trial)
        covered += metric.low <= 0 <= metric.high
        metric = bootstrap_mean(values, resamples=200, seed=trial)
        one_way += metric.low <= 0 <= metric.high
    assert 0.90 <= covered / 200 <= 0.99
    assert one_way < covered
    assert one_way / 200 < 0.90


def test_noise_of_single_pairs_alone_makes_the_interval_too_wide_but_less_than_twice():
    rng = np.random.default_rng(2)
    ratios = []
    for trial in range(50):
        values = simulated(rng, (16, 32), (0, 0, 1))
        ratios.append(
            width(mean_over_units(values, every_pair(16, 32), 200, trial)) / width(bootstrap_mean(values, 200, trial))
        )
    assert 1.2 < np.mean(ratios) < 1.8


def test_without_units_the_items_are_independent():
    values = np.random.default_rng(3).random(50)
    assert mean_over_units(values, {}, 300, 7) == bootstrap_mean(values, 300, 7)


def test_the_value_is_that_of_independent_items_to_the_last_digit():
    rng = np.random.default_rng(4)
    for _ in range(20):
        values = rng.random(80)
        assert mean_over_units(values, every_pair(8, 10), 10).value == bootstrap_mean(values, 10).value


def test_the_interval_depends_on_the_seed_and_not_on_the_order_of_items():
    values, pairs = simulated(np.random.default_rng(5), (6, 5), (1, 1, 1)), every_pair(6, 5)
    order = np.random.default_rng(6).permutation(30)
    shuffled = {kind: unit[order] for kind, unit in pairs.items()}
    first = mean_over_units(values, pairs, seed=7)
    assert first == mean_over_units(values, pairs, seed=7) != mean_over_units(values, pairs, seed=8)
    assert numbers(first) == pytest.approx(numbers(mean_over_units(values[order], shuffled, seed=7)))


def test_a_kind_of_units_within_another_one_is_not_resampled_for_itself():
    # Two photos for each of ten paintings, no photo twice: drawing paintings draws their photos.
    values, paintings = np.random.default_rng(8).random(20), np.repeat(np.arange(10), 2)
    both = {"photos": np.arange(20, dtype=np.uint64), "paintings": paintings.astype(np.uint64)}
    assert mean_over_units(values, both) == mean_over_units(values, {"paintings": both["paintings"]})
    same = {"photos": np.arange(20, dtype=np.uint64), "paintings": np.arange(20, dtype=np.uint64) + 7}
    assert mean_over_units(values, same) == mean_over_units(values, {"photos": same["photos"]})


def test_a_kind_with_one_unit_is_not_resampled():
    values, pairs = np.random.default_rng(9).random(6), every_pair(6, 1)
    assert mean_over_units(values, pairs) == mean_over_units(values, {"photos": pairs["photos"]})


def test_one_unit_of_each_kind_says_nothing_about_the_uncertainty():
    assert numbers(mean_over_units([0.5], every_pair(1, 1))) == (0.5, -np.inf, np.inf)
    assert np.isnan(numbers(mean_over_units([np.nan], every_pair(1, 1)))).all()


@pytest.mark.parametrize("shape", [(2, 1), (2, 2), (3, 3)])
def test_few_units_give_a_wide_interval(shape):
    values = simulated(np.random.default_rng(10), shape, (1, 1, 1))
    assert width(mean_over_units(values, every_pair(*shape), 100)) > 1.5 * width(bootstrap_mean(values, 100))


def test_equal_items_give_no_width_and_nan_gives_nan():
    assert numbers(mean_over_units(np.full(9, 0.25), every_pair(3, 3))) == (0.25, 0.25, 0.25)
    assert np.isnan(numbers(mean_over_units([1.0, np.nan], every_pair(2, 1)))).all()
    undefined = bootstrap_units(lambda weights: np.full(len(weights), np.nan), every_pair(3, 3))
    assert np.isnan(numbers(undefined)).all()


def test_resamples_with_an_undefined_statistic_are_ignored():
    def mean_without_the_first_photo(weights):
        with np.errstate(invalid="ignore"):
            return weights[:, 1:].sum(1) / (weights[:, 1:] > 0).any(1)

    assert np.isfinite(numbers(bootstrap_units(mean_without_the_first_photo, every_pair(2, 1), 50))).all()


@pytest.mark.parametrize(
    "units", [{}, {"photos": np.zeros(0, np.uint64)}, {"a": np.zeros(3, np.uint64), "b": np.zeros(2, np.uint64)}]
)
def test_units_that_do_not_fit_are_refused(units):
    with pytest.raises(BadInputError, match="one id per item"):
        bootstrap_units(lambda weights: weights.sum(1), units)


def test_memory_does_not_grow_with_the_number_of_resamples(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 10_000)
    pairs, values = every_pair(50, 100), np.random.default_rng(11).random(5_000)
    tracemalloc.start()
    mean_over_units(values, pairs, resamples=2_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6  # all weights at once would be 80 MB
