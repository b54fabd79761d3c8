import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.generation.distances import (
    diversity,
    diversity_ratio,
    frechet_distance,
    kernel_distance,
    kernel_distance_value,
    pair_distances,
)


def points(n=60, d=5, seed=0, scale=1.0, shift=0.0):
    return shift + scale * np.random.default_rng(seed).standard_normal((n, d))


def test_frechet_distance_of_a_scaled_and_shifted_set_follows_the_formula():
    first = points() @ np.random.default_rng(1).standard_normal((5, 5))
    second = 1.5 * first + 2
    expected = np.square(first.mean(0) - second.mean(0)).sum() + 0.25 * np.trace(np.cov(first.T))
    assert frechet_distance(first, second, 10).value == pytest.approx(expected)


def test_frechet_distance_is_0_to_itself_and_symmetric():
    first, second = points(), points(seed=1)
    assert frechet_distance(first, first, 10).value == pytest.approx(0, abs=1e-9)
    there, back = frechet_distance(first, second, 10).value, frechet_distance(second, first, 10).value
    assert there == pytest.approx(back)
    assert there > 0.05


def test_frechet_distance_of_fewer_items_than_features():
    first, second = points(8, 40), points(8, 40, seed=1)
    metric = frechet_distance(first, second, 10)
    # For any rank: at least the distance of the means, and at most that plus both traces.
    means = np.square(first.mean(0) - second.mean(0)).sum()
    assert means < metric.value < means + first.var(0, ddof=1).sum() + second.var(0, ddof=1).sum()
    assert frechet_distance(first, first, 10).value == pytest.approx(0, abs=1e-5)


def test_frechet_distance_of_constant_features():
    flat = np.ones((10, 3))
    assert frechet_distance(flat, flat + 2, 10).value == pytest.approx(12)


def test_frechet_interval_contains_the_value():
    metric = frechet_distance(points(), points(seed=1), 200)
    assert metric.low < metric.value < metric.high


def test_kernel_distance_is_the_mean_over_pairs_of_different_rows():
    first, second = points(12, 3), points(12, 3, seed=1, shift=0.5)
    kernel = lambda x, y: (x @ y / 3 + 1) ** 3  # noqa: E731
    pairs = [(i, j) for i in range(12) for j in range(12) if i != j]
    terms = [kernel(first[i], first[j]) + kernel(second[i], second[j]) for i, j in pairs]
    across = [kernel(first[i], second[j]) + kernel(second[i], first[j]) for i, j in pairs]
    assert kernel_distance(first, second, 10).value == pytest.approx(np.mean(terms) - np.mean(across))
    assert kernel_distance_value(first, second) == kernel_distance(first, second, 10).value


def test_kernel_distance_of_two_rows_has_a_value_whatever_is_drawn():
    first, second = points(2, 3), points(2, 3, seed=1)
    value = kernel_distance_value(first, second)
    assert np.isfinite(value)
    for seed in range(20):
        metric = kernel_distance(first, second, 1, seed)
        assert metric.value == value
        assert metric.low <= value <= metric.high


def test_kernel_distance_is_unbiased_for_few_items():
    values = [kernel_distance(points(10, 4, seed), points(10, 4, 1000 + seed), 1).value for seed in range(200)]
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * error
    assert min(values) < 0


def test_kernel_distance_detects_differences_beyond_mean_and_variance():
    rng = np.random.default_rng(0)
    skewed = rng.exponential(1, (400, 2)) - 1
    plain, other = points(400, 2), points(400, 2, seed=5)
    assert kernel_distance(skewed, plain, 50).low > kernel_distance(other, plain, 50).high


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_unusable_features_are_refused(distance):
    broken = points()
    broken[3, 2] = np.nan
    for first, second in [(points(), points(20)), (points(1), points(1)), (points()[0], points()[0])]:
        with pytest.raises(BadInputError, match="one shape"):
            distance(first, second)
    with pytest.raises(BadInputError, match="NaN"):
        distance(broken, points())


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_only_the_interval_depends_on_the_seed(distance):
    one, same, other = (distance(points(), points(seed=1), 50, seed) for seed in (0, 0, 1))
    assert one == same
    assert one.value == other.value
    assert (one.low, one.high) != (other.low, other.high)


def test_diversity_is_the_mean_distance_of_pairs():
    assert diversity(np.array([[0.0], [1.0], [3.0]])) == pytest.approx(2)
    assert diversity(np.ones((4, 3))) == 0
    assert np.isnan(diversity(np.ones((1, 3))))


def test_pair_distances_far_from_the_origin():
    near = np.array([[1e6, 0.0], [1e6, 1e-3]])
    assert pair_distances(near)[0, 1] == pytest.approx(1e-3)


def test_diversity_ratio_of_each_class_and_their_mean():
    real = [points(30), points(20, seed=1)]
    mean, each = diversity_ratio([0.5 * real[0], np.repeat(real[1][:1], 7, axis=0)], real, 50)
    assert [metric.value for metric in each] == pytest.approx([0.5, 0])
    assert mean.value == pytest.approx(0.25)
    assert mean.low < mean.value < mean.high


def test_classes_too_small_for_a_diversity_are_ignored():
    one, none = points(1), np.empty((0, 5))
    mean, each = diversity_ratio([points(), points(), one, points()], [points(), one, points(), none], 20)
    assert mean.value == pytest.approx(1)
    assert [np.isnan(metric.value) for metric in each] == [False, True, True, True]
