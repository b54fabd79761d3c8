import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.stylization.pairs import ImageSet, Pairs
from tests.helpers.prepared_data import write_prepared


def image_set(count, first_id=1, size=64):
    pictures = np.random.default_rng(first_id).integers(0, 256, (count, 32, 48, 3), np.uint8)
    return ImageSet.from_images(pictures, range(first_id, first_id + count), size)


def test_images_of_any_size_become_squares_named_by_their_ids():
    made = image_set(3, first_id=2**63)
    assert made.images.shape == (3, 64, 64, 3)
    assert made.ids.tolist() == [2**63, 2**63 + 1, 2**63 + 2]
    assert made.names == ("800000",) * 3
    named = ImageSet.from_images(made.images[:1], [7], 64, ["irises"])
    assert named.names == ("irises",)
    np.testing.assert_array_equal(named.images, made.images[:1])
    assert made.first(2).names == made.names[:2]


def test_an_empty_set_is_refused():
    with pytest.raises(BadInputError, match="no images to evaluate on"):
        ImageSet.from_images([], [], 64)


def test_all_pairs_are_ordered_by_painting():
    photos, paintings = image_set(3), image_set(2, first_id=100)
    pairs = Pairs.all(photos, paintings)
    assert pairs.indices == ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1))
    np.testing.assert_array_equal(np.stack(pairs.photo_of_each)[3], photos.images[0])
    np.testing.assert_array_equal(np.stack(pairs.painting_of_each)[3], paintings.images[1])


def test_the_units_of_a_pair_are_the_ids_of_its_photo_and_painting():
    units = Pairs.diagonal(image_set(3), image_set(2, first_id=2**63), 4).units
    assert {kind: unit.tolist() for kind, unit in units.items()} == {
        "photos": [1, 2, 3, 1],
        "paintings": [2**63, 2**63 + 1, 2**63, 2**63 + 1],
    }
    assert units["paintings"].dtype == np.uint64


def test_the_diagonal_repeats_the_shorter_set_and_has_no_pair_twice():
    pairs = Pairs.diagonal(image_set(3), image_set(5, first_id=100), 7)
    assert pairs.indices == ((0, 0), (1, 1), (2, 2), (0, 3), (1, 4), (2, 0), (0, 1))
    assert Pairs.diagonal(image_set(3), image_set(5, first_id=100), 2).indices == ((0, 0), (1, 1))
    assert len(set(Pairs.diagonal(image_set(4), image_set(6, first_id=100), 99).indices)) == 12


def test_the_id_of_a_pair_does_not_depend_on_other_pairs():
    photos, paintings = image_set(4), image_set(3, first_id=100)
    every = Pairs.all(photos, paintings)
    assert len(set(every.ids.tolist())) == 12
    fewer = Pairs.all(ImageSet(photos.images[1:], photos.ids[1:], photos.names[1:]), paintings.first(2))
    known = dict(zip(every.indices, every.ids, strict=True))
    assert fewer.ids.tolist() == [known[photo + 1, painting] for photo, painting in fewer.indices]
    swapped = Pairs.all(paintings, photos)  # a photo of a painting is not a painting of a photo
    assert not set(swapped.ids.tolist()) & set(every.ids.tolist())


def test_a_set_holds_the_first_test_items_at_the_given_size(tmp_path) -> None:
    rng = np.random.default_rng(0)
    splits = {
        split: {
            "image": rng.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8),
            "label": np.zeros(3, np.uint16),
            "id": np.arange(first, first + 3, dtype=np.uint64),
        }
        for split, first in {"train": 0, "val": 10, "test": 20}.items()
    }
    data = write_prepared(tmp_path, ("picture",), splits)
    assert ImageSet.from_test_split(data, 99, 40).ids.tolist() == [20, 21, 22]
    found = ImageSet.from_test_split(data, 2, 40)
    assert found.ids.tolist() == [20, 21]
    assert found.images.shape == (2, 40, 40, 3)
