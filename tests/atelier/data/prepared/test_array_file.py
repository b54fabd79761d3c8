import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest

from atelier.data.prepared.array_file import ArrayFile, append_rows
from atelier.errors import AtelierError, BadInputError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 5, 3), np.uint8)
ROWS = [[], [0], [39], [3, 4, 5, 6], [6, 5, 4], [0, 1, 7, 8, 9, 30], [2, 2, 3, 3], list(range(40))]


@pytest.fixture
def path(tmp_path):
    np.save(tmp_path / "train-00000.image.npy", IMAGES)
    return tmp_path / "train-00000.image.npy"


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("array", [IMAGES, IMAGES[:, 0, 0].astype("<u2"), IMAGES[:, 0].astype("<f4") / 7])
def test_rows_are_those_of_the_array(tmp_path, array, rows):
    np.save(tmp_path / "array.npy", array)
    file = ArrayFile(tmp_path / "array.npy")
    assert (len(file), file.shape, file.dtype) == (40, array.shape, array.dtype)
    found = file[np.array(rows, np.int64)]
    np.testing.assert_array_equal(found, array[rows])
    assert (found.shape, found.dtype) == (array[rows].shape, array.dtype)


def test_an_array_without_rows(tmp_path):
    np.save(tmp_path / "array.npy", IMAGES[:0])
    assert ArrayFile(tmp_path / "array.npy")[np.arange(0)].shape == (0, 5, 3)


def test_no_file_stays_open(path):
    before = psutil.Process().num_fds()
    file = ArrayFile(path)
    file[np.arange(10)]
    assert psutil.Process().num_fds() == before


def test_threads_and_other_processes_read_the_same_rows(path):
    file = ArrayFile(path)
    with ThreadPoolExecutor(4) as pool:
        results = pool.map(lambda rows: file[np.array(rows, np.int64)], ROWS * 20)
        for rows, found in zip(ROWS * 20, results, strict=True):
            np.testing.assert_array_equal(found, IMAGES[rows])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(file))[np.arange(5)], IMAGES[:5])


def test_data_that_was_prepared_again_is_not_mixed_with_the_old(path):
    file = ArrayFile(path)
    np.save(path.with_name("new.npy"), IMAGES[::-1])
    path.with_name("new.npy").replace(path)
    with pytest.raises(AtelierError, match=r"train-00000\.image\.npy was prepared again while it was read"):
        file[np.arange(3)]
    np.testing.assert_array_equal(ArrayFile(path)[np.arange(3)], IMAGES[::-1][:3])


def test_damaged_files(path):
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    with pytest.raises(BadInputError, match="it ends early"):
        ArrayFile(path)[np.arange(40)]
    path.write_bytes(b"not an array")
    with pytest.raises(BadInputError, match="prepare the data again"):
        ArrayFile(path)
    np.save(path, np.asfortranarray(IMAGES))
    with pytest.raises(BadInputError, match="Fortran order"):
        ArrayFile(path)


@pytest.mark.parametrize("array", [IMAGES, IMAGES[:, 0, 0].astype("<u2"), IMAGES[:, ::2, 1:]])
def test_appended_rows_make_the_file_of_the_whole_array(tmp_path, array):
    np.save(tmp_path / "whole.npy", np.ascontiguousarray(array))
    append_rows(tmp_path / "appended.npy", array[:0], 0)
    for start, stop in ((0, 3), (3, 12), (12, 12), (12, 40)):
        append_rows(tmp_path / "appended.npy", array[start:stop], start)
    assert (tmp_path / "appended.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()
