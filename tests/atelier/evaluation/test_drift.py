import numpy as np
import pytest

from atelier.evaluation.drift import (
    LARGE,
    MODERATE,
    Statistic,
    by_chance,
    image_statistics,
    label_stability_index,
    stability_index,
)

RNG = np.random.default_rng(0)


def normal(mean: float, items: int = 2000) -> Statistic:
    return Statistic.of(RNG.normal(mean, 1.0, items))


def test_equal_distributions_have_no_drift():
    reference = normal(0.0)
    assert stability_index(reference, reference) == 0.0
    assert stability_index(reference, normal(0.0)) < MODERATE


def test_the_index_of_two_normal_distributions_is_near_its_formula():
    # For N(0, 1) and N(d, 1) the symmetric Kullback-Leibler divergence is d²; ten bins see a little less of it.
    assert stability_index(normal(0.0), normal(0.5)) == pytest.approx(0.25, abs=0.06)
    assert stability_index(normal(0.0), normal(1.0)) > LARGE


def test_a_statistic_that_is_constant_for_most_items_has_no_drift_against_itself():
    values = np.concatenate([np.zeros(900), RNG.normal(5.0, 1.0, 100)])
    assert stability_index(Statistic.of(values), Statistic.of(values)) == 0.0
    assert stability_index(Statistic.of(values), Statistic.of(values + 1.0)) > LARGE


def test_few_items_drift_by_chance():
    found = [stability_index(normal(0.0, 40), normal(0.0, 40)) for _ in range(50)]
    assert np.mean(found) == pytest.approx(by_chance(normal(0.0, 40), normal(0.0, 40)), rel=0.6)


def test_labels_in_other_shares_drift_and_more_of_each_do_not():
    counts = {"cat": 100, "dog": 100}
    assert label_stability_index(counts, {"cat": 300, "dog": 300}) == 0.0
    assert label_stability_index(counts, {"cat": 150, "dog": 50}) == pytest.approx(0.25 * np.log(3), abs=1e-6)
    assert label_stability_index(counts, {**counts, "owl": 100}) > LARGE


def test_statistics_of_drawings_and_photos():
    drawings = np.zeros((3, 8, 8), np.uint8)
    drawings[1:] = 255
    found = image_statistics(drawings)
    assert found.keys() == {"brightness", "contrast", "detail"}
    assert found["brightness"].items == 3
    assert found["brightness"].quantiles[0] == 0.0
    assert found["contrast"].mean == found["detail"].mean == 0.0
    photos = np.zeros((2, 8, 8, 3), np.uint8)
    photos[..., 0] = 90
    assert image_statistics(photos)["saturation"].mean == 90.0
    assert image_statistics(photos)["brightness"].mean == 30.0


def test_a_data_set_without_images_has_no_statistics():
    assert image_statistics(np.zeros((0, 8, 8), np.uint8)) == {}
