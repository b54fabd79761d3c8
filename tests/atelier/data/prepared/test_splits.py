import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.data.prepared.splits import Fractions, assign, group_identities

HASHES = np.random.default_rng(0).integers(0, 2**64, 20_000, dtype=np.uint64)


def test_split_sizes_are_the_requested_fractions():
    shares = np.bincount(assign(HASHES, Fractions(val=0.1, test=0.25))) / len(HASHES)
    np.testing.assert_allclose(shares, [0.65, 0.1, 0.25], atol=0.01)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=50), st.lists(st.integers(0, 2**64 - 1), max_size=50))
def test_no_item_changes_its_split_as_data_grows(here, more):
    alone = assign(np.array(here, np.uint64), Fractions(val=0.1, test=0.1))
    grown = assign(np.array(here + more, np.uint64), Fractions(val=0.1, test=0.1))
    np.testing.assert_array_equal(grown[: len(here)], alone)


def test_test_split_does_not_depend_on_the_validation_fraction():
    one, other = (assign(HASHES, Fractions(val=val, test=0.2)) == 2 for val in (0.05, 0.3))
    np.testing.assert_array_equal(one, other)


def test_validation_split_does_not_depend_on_the_test_fraction():
    one, other = (assign(HASHES, Fractions(val=0.2, test=test)) == 1 for test in (0.05, 0.4))
    np.testing.assert_array_equal(one, other)


def test_a_changed_fraction_moves_items_between_its_split_and_the_training_split_only():
    before, after = (assign(HASHES, Fractions(val=0.1, test=test)) for test in (0.1, 0.4))
    assert set(zip(before[before != after].tolist(), after[before != after].tolist(), strict=True)) == {(0, 2)}


def _identities(*positions):
    return np.array([[number, int(position * 2**64)] for number, position in enumerate(positions)], np.uint64)


def test_a_group_of_look_alikes_is_where_its_first_training_item_is():
    groups = np.array([7, 7, 3, 7, 3, 5])
    identities = _identities(0.05, 0.95, 0.97, 0.5, 0.02, 0.01)  # test, val, val, train, test, test
    found, chosen = group_identities(groups, identities, Fractions(val=0.1, test=0.1))
    assert found.tolist() == [3, 5, 7]
    assert chosen[:, 0].tolist() == [2, 5, 3]


def test_an_empty_training_split_is_rejected():
    with pytest.raises(ValueError, match="train"):
        Fractions(val=0.5, test=0.5)


@pytest.mark.parametrize("empty", [{"val": 0}, {"test": 0}, {"val": -0.1}, {"test": float("nan")}])
def test_no_split_may_be_empty(empty):
    with pytest.raises(ValueError, match="more than 0"):
        Fractions(**({"val": 0.1, "test": 0.1} | empty))
