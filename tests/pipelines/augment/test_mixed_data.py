import numpy as np
import pytest

from pipelines.augment.generated_drawings import GeneratedDrawings
from pipelines.augment.mixed_data import MixedData, Selection, first_rows_per_label


@pytest.fixture
def generated():
    rng = np.random.default_rng(1)
    return GeneratedDrawings(rng.integers(0, 255, (5, 28, 28), np.uint8), np.array([2, 0, 0, 1, 2]), np.ones(3))


def fields(data, name="train"):
    return {field: array[:] for field, array in data.split(name).items()}


def test_the_first_rows_of_each_label_are_in_order():
    labels = np.array([1, 0, 1, 1, 0, 2], np.uint16)
    assert first_rows_per_label(labels, 2).tolist() == [0, 1, 2, 4, 5]
    assert first_rows_per_label(labels, 1).tolist() == [0, 1, 5]
    assert first_rows_per_label(labels, None).tolist() == list(range(6))


def test_without_size_and_generated_drawings_it_is_the_real_split(greys):
    for field, array in fields(MixedData(greys, None, None)).items():
        np.testing.assert_array_equal(array, greys.split("train")[field][:])


def test_a_smaller_size_is_a_part_of_a_larger_one(greys):
    parts = [set(fields(MixedData(greys, size, None))["id"].tolist()) for size in (2, 7, None)]
    assert [len(part) for part in parts] == [6, 20, 27]  # the third label has 6 items
    assert parts[0] < parts[1] < parts[2]


def test_real_and_generated_items_are_sorted_by_id(greys, generated):
    train = fields(MixedData(greys, 4, generated))
    assert len(train["id"]) == 3 * 4 + 5
    assert (np.diff(train["id"].astype(object)) > 0).all()
    assert {field: array.dtype for field, array in train.items()} == {
        field: array.dtype for field, array in fields(greys).items()
    }
    place = {int(number): row for row, number in enumerate(train["id"])}
    for image, label, number in zip(generated.image, generated.label, generated.id, strict=True):
        np.testing.assert_array_equal(train["image"][place[int(number)]], image)
        assert train["label"][place[int(number)]] == label


@pytest.mark.parametrize("name", ["val", "test"])
def test_validation_and_test_split_are_the_real_ones(greys, generated, name):
    for field, array in fields(MixedData(greys, 2, generated), name).items():
        np.testing.assert_array_equal(array, greys.split(name)[field][:])


def test_the_manifest_has_the_counts_and_a_content_hash_of_the_mixture(greys, generated):
    mixtures = [MixedData(greys, size, drawings) for size in (2, 4, None) for drawings in (None, generated)]
    assert mixtures[3].manifest.counts["train"] == {"dark": 6, "grey": 5, "light": 6}
    assert mixtures[3].manifest.counts["test"] == greys.manifest.counts["test"]
    assert len({mixture.manifest.content_hash for mixture in [*mixtures, greys]}) == len(mixtures) + 1
    hashes = {data.manifest.split_hashes["test"] for data in [*mixtures, greys]}
    assert len(hashes) == 1


def test_other_drawings_change_the_content_hash(greys, generated):
    swapped = GeneratedDrawings(generated.image, generated.label[::-1].copy(), generated.agreement)
    hashes = {MixedData(greys, 2, drawings).manifest.content_hash for drawings in (generated, swapped)}
    assert len(hashes) == 2


def test_a_selection_is_indexed_like_an_array():
    whole = np.arange(20).reshape(10, 2)
    rows = np.array([7, 0, 9, 3])
    selection = Selection([whole[:5], whole[5:]], rows)
    for index in (2, -1, slice(1, 3), slice(None), np.array([3, 0])):
        np.testing.assert_array_equal(selection[index], whole[rows][index])
    assert (selection.shape, len(selection)) == ((4, 2), 4)
    with pytest.raises(IndexError):
        selection[4]
