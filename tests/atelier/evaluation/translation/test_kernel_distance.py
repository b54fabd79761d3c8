import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.translation.kernel_distance import distance_terms, ratio_terms

RNG = np.random.default_rng(0)


def kernel(a: np.ndarray, b: np.ndarray) -> float:
    return float((a @ b / len(a) + 1) ** 3)


def test_the_mean_is_the_unbiased_estimate() -> None:
    """Equation 3 of Gretton et al. 2012, written as sums."""
    x, y = RNG.normal(size=(5, 4)), RNG.normal(0.5, size=(7, 4))
    within_x = np.mean([kernel(x[i], x[j]) for i in range(5) for j in range(5) if i != j])
    within_y = np.mean([kernel(y[i], y[j]) for i in range(7) for j in range(7) if i != j])
    across = np.mean([kernel(a, b) for a in x for b in y])
    terms = distance_terms(x, y)
    assert terms.shape == (5, 7)
    assert terms.mean() == pytest.approx(within_x - 2 * across + within_y)


def test_equal_distributions_have_a_distance_of_zero_on_average() -> None:
    distances = [distance_terms(*RNG.normal(size=(2, 20, 6))).mean() for _ in range(300)]
    assert abs(np.mean(distances)) < 4 * np.std(distances) / np.sqrt(300)
    far = distance_terms(RNG.normal(size=(20, 6)), RNG.normal(1, size=(30, 6))).mean()
    assert far > 5 * np.std(distances)


def test_resampled_terms_vary_as_the_distance_of_resampled_images() -> None:
    """The standard deviation over new sets is compared with that of the terms of one set, for both kinds of images."""

    def draw(count: int, mean: float) -> np.ndarray:
        return RNG.normal(mean, size=(count, 6))

    first, second = draw(60, 0), draw(60, 0.7)
    over_first = np.std([distance_terms(draw(60, 0), second).mean() for _ in range(400)])
    over_second = np.std([distance_terms(first, draw(60, 0.7)).mean() for _ in range(400)])
    terms = distance_terms(first, second)
    assert terms.mean(1).std() / np.sqrt(60) == pytest.approx(over_first, rel=0.35)
    assert terms.mean(0).std() / np.sqrt(60) == pytest.approx(over_second, rel=0.35)


def test_the_mean_of_the_ratio_terms_is_the_ratio() -> None:
    x, y, z = RNG.normal(size=(6, 4)), RNG.normal(1, size=(6, 4)), RNG.normal(0.4, size=(9, 4))
    terms, reference = distance_terms(x, z), distance_terms(y, z)
    assert ratio_terms(terms, reference).mean() == pytest.approx(terms.mean() / reference.mean())
    assert ratio_terms(reference, reference) == pytest.approx(np.ones((6, 9)))


def test_wrong_features_are_refused() -> None:
    with pytest.raises(BadInputError, match="1 and 3"):
        distance_terms(np.ones((1, 2)), np.ones((3, 2)))
    with pytest.raises(BadInputError, match="NaN"):
        distance_terms(np.full((3, 2), np.nan), np.ones((3, 2)))
