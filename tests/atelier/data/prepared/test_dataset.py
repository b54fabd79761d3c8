import subprocess
import sys

import numpy as np
import pytest

from atelier.data.prepared.dataset import SPLITS, PreparedData, ShardedArray
from atelier.errors import BadInputError
from tests.helpers.prepared_data import write_prepared

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


READ_WITH_FEW_DESCRIPTORS = """
import resource, sys
from pathlib import Path
import numpy as np
from atelier.data.prepared.dataset import SPLITS, PreparedData

resource.setrlimit(resource.RLIMIT_NOFILE, (90, 90))
data = PreparedData(Path(sys.argv[1]))
splits = {name: data.split(name) for name in SPLITS}
rows = np.random.default_rng(0).permutation(len(splits["train"]["id"]))
for field in splits["train"].values():
    assert len(field[rows]) == len(field[:]) == len(rows)
assert (splits["train"]["image"][rows][:, 0, 0] == splits["train"]["label"][rows]).all()
print(len(rows))
"""


def test_467_shards_are_read_with_90_file_descriptors(tmp_path):
    items = np.arange(467) % 200
    images = np.repeat(items, 4).reshape(467, 2, 2).astype(np.uint8)
    fields = {"image": images, "label": items.astype("<u2"), "id": items.astype("<u8")}
    data = write_prepared(tmp_path / "data", ("a",), dict.fromkeys(SPLITS, fields))
    for path in data.folder.glob("train-*.npy"):
        path.unlink()
    for name, values in fields.items():
        for row in range(467):
            np.save(data.folder / f"train-{row:05d}.{name}.npy", values[row : row + 1])
    command = [sys.executable, "-c", READ_WITH_FEW_DESCRIPTORS, data.folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "467\n"), done.stderr


def test_a_slice_is_read_shard_by_shard():
    class Counting:
        def __init__(self, rows):
            self._rows, self.shape, self.dtype, self.largest = rows, rows.shape, rows.dtype, 0

        def __len__(self):
            return len(self._rows)

        def __getitem__(self, index):
            self.largest = max(self.largest, len(index))
            return self._rows[index]

    shards = [Counting(shard) for shard in SHARDS]
    np.testing.assert_array_equal(ShardedArray(shards)[1:7], WHOLE[1:7])
    assert [shard.largest for shard in shards] == [2, 1, 3]
