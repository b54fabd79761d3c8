import numpy as np
import pytest

from atelier.evaluation.groups import group_means, mean_of_defined, sums_by_group


def test_all_groups_have_the_same_weight_in_the_mean():
    mean, each = group_means([1, 1, 1, 1, 0, 1], np.array([0, 0, 0, 0, 2, 2]), 4, 100)
    assert mean.value == pytest.approx(0.75)
    assert [metric.value for metric in each] == pytest.approx([1, np.nan, 0.5, np.nan], nan_ok=True)
    assert mean.low < mean.value < mean.high


def test_sums_of_items_in_any_order():
    weights = np.array([[1.0, 2, 3, 4], [1, 0, 0, 0]])
    assert sums_by_group(weights, np.array([2, 0, 2, 0]), 3).tolist() == [[6, 0, 4], [0, 0, 1]]


def test_mean_of_defined_values():
    assert mean_of_defined(np.array([[1, np.nan, 3], [np.nan] * 3])) == pytest.approx([2, np.nan], nan_ok=True)
