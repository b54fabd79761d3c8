import numpy as np
import pytest

from atelier.data.prepared.dataset import PreparedData, ShardedArray
from atelier.errors import BadInputError

SHARDS = [np.arange(0, 6).reshape(3, 2), np.arange(6, 8).reshape(1, 2), np.arange(8, 16).reshape(4, 2)]
WHOLE = np.concatenate(SHARDS)


@pytest.mark.parametrize(
    "index",
    [
        0,
        7,
        -1,
        -8,
        np.int64(3),
        slice(None),
        slice(2, 6),
        slice(None, None, -3),
        slice(5, 2),
        slice(-3, 100),
        np.array([7, 0, 3, 3, -8, -1]),
        np.array([], np.intp),
        [4, 1],
    ],
)
def test_shards_are_indexed_as_one_array_in_the_order_of_the_index(index):
    np.testing.assert_array_equal(ShardedArray(SHARDS)[index], WHOLE[index])


@pytest.mark.parametrize("index", [8, -9, np.array([0, 8]), np.array([-9])])
def test_index_out_of_range(index):
    with pytest.raises(IndexError, match="8 items"):
        ShardedArray(SHARDS)[index]


def test_shape_type_and_conversion():
    array = ShardedArray(SHARDS)
    assert (len(array), array.shape, array.dtype) == (8, (8, 2), WHOLE.dtype)
    np.testing.assert_array_equal(np.asarray(array), WHOLE)
    assert np.asarray(array, np.float32).dtype == np.float32


def test_empty_shards():
    array = ShardedArray([np.empty((0, 2)), np.ones((1, 2)), np.empty((0, 2))])
    np.testing.assert_array_equal(array[:], np.ones((1, 2)))
    with pytest.raises(IndexError):
        ShardedArray([np.empty((0, 2))])[0]


def test_folder_without_finished_data(tmp_path):
    for make in (lambda: None, lambda: (tmp_path / "manifest.json").write_text("{}")):
        make()
        with pytest.raises(BadInputError, match="kedro run --pipelines fetch,prepare, with the same --env"):
            PreparedData(tmp_path).split("train")
