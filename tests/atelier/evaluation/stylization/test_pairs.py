import numpy as np
import pytest

from atelier.errors import BadInputError
from atelier.evaluation.stylization.pairs import Gallery, Pairs
from tests.helpers.prepared_data import write_prepared


def gallery(count, first_id=1, size=64):
    pictures = np.random.default_rng(first_id).integers(0, 256, (count, 32, 48, 3), np.uint8)
    return Gallery.hang(pictures, range(first_id, first_id + count), size)


def test_pictures_of_any_size_become_squares_named_by_their_ids():
    hung = gallery(3, first_id=2**63)
    assert hung.pictures.shape == (3, 64, 64, 3)
    assert hung.ids.tolist() == [2**63, 2**63 + 1, 2**63 + 2]
    assert hung.names == ("800000",) * 3
    named = Gallery.hang(hung.pictures[:1], [7], 64, ["irises"])
    assert named.names == ("irises",)
    np.testing.assert_array_equal(named.pictures, hung.pictures[:1])
    assert hung.first(2).names == hung.names[:2]


def test_an_empty_gallery_is_refused():
    with pytest.raises(BadInputError, match="no pictures to evaluate on"):
        Gallery.hang([], [], 64)


def test_all_pairs_go_painting_by_painting():
    photos, paintings = gallery(3), gallery(2, first_id=100)
    pairs = Pairs.all(photos, paintings)
    assert pairs.places == ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1))
    np.testing.assert_array_equal(np.stack(pairs.photo_of_each)[3], photos.pictures[0])
    np.testing.assert_array_equal(np.stack(pairs.painting_of_each)[3], paintings.pictures[1])


def test_the_diagonal_begins_again_where_there_are_fewer_and_has_no_pair_twice():
    pairs = Pairs.diagonal(gallery(3), gallery(5, first_id=100), 7)
    assert pairs.places == ((0, 0), (1, 1), (2, 2), (0, 3), (1, 4), (2, 0), (0, 1))
    assert Pairs.diagonal(gallery(3), gallery(5, first_id=100), 2).places == ((0, 0), (1, 1))
    assert len(set(Pairs.diagonal(gallery(4), gallery(6, first_id=100), 99).places)) == 12


def test_a_pair_has_the_same_id_whatever_else_is_there():
    photos, paintings = gallery(4), gallery(3, first_id=100)
    every = Pairs.all(photos, paintings)
    assert len(set(every.ids.tolist())) == 12
    fewer = Pairs.all(Gallery(photos.pictures[1:], photos.ids[1:], photos.names[1:]), paintings.first(2))
    known = dict(zip(every.places, every.ids, strict=True))
    assert fewer.ids.tolist() == [known[photo + 1, painting] for photo, painting in fewer.places]
    turned = Pairs.all(paintings, photos)  # a photo of a painting is not a painting of a photo
    assert not set(turned.ids.tolist()) & set(every.ids.tolist())


def test_a_gallery_holds_the_first_test_items_in_the_size_that_is_asked_for(tmp_path) -> None:
    chance = np.random.default_rng(0)
    splits = {
        split: {
            "image": chance.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8),
            "label": np.zeros(3, np.uint16),
            "id": np.arange(first, first + 3, dtype=np.uint64),
        }
        for split, first in {"train": 0, "val": 10, "test": 20}.items()
    }
    data = write_prepared(tmp_path, ("picture",), splits)
    assert Gallery.of_test_split(data, 99, 40).ids.tolist() == [20, 21, 22]
    found = Gallery.of_test_split(data, 2, 40)
    assert found.ids.tolist() == [20, 21]
    assert found.pictures.shape == (2, 40, 40, 3)
