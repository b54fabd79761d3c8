import gzip
import json

import numpy as np
import pytest

from atelier.data.ingest.quickdraw import read_bitmaps, read_raw, read_simplified

GOOD = [[[0, 255], [0, 10]], [[5], [7]]]


def _entry(drawing, **more):
    return json.dumps({"word": "cat", "recognized": True, "drawing": drawing, **more})


def _write(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def _all(batches):
    batches = list(batches)
    items = [item for batch in batches for item in batch.items]
    positions = [position for batch in batches for position in batch.positions]
    return (
        items,
        positions,
        [problem for batch in batches for problem in batch.problems],
        sum(b.skipped for b in batches),
    )


def test_drawings_are_read_with_their_lines_in_bounded_batches(tmp_path):
    path = _write(tmp_path / "cat.ndjson", *[_entry(GOOD)] * 25)
    assert [len(batch.items) for batch in read_simplified(path, "cat", batch=10)] == [10, 10, 5]
    items, positions, problems, _ = _all(read_simplified(path, "cat", batch=10))
    assert positions == list(range(1, 26))
    assert not problems
    np.testing.assert_array_equal(items[0][0], GOOD[0])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"word": "cat", "drawing": [[[0,', "malformed JSON"),
        ('{"drawing": [[[NaN, 1], [2, 3]]]}', "malformed JSON"),
        ('{"drawing": [[[Infinity, 1], [2, 3]]]}', "malformed JSON"),
        ('{"drawing": [[[1e999, 1], [2, 3]]]}', "malformed"),
        ("[1, 2]", "malformed drawing"),
        ('{"word": "cat"}', "malformed drawing"),
        (_entry([]), "empty drawing"),
        (_entry([[]]), "empty drawing"),
        (_entry([[[], []]]), "malformed drawing"),
        (_entry([[[0, 1], [2]]]), "malformed drawing"),
        (_entry([[["a"], ["b"]]]), "malformed drawing"),
        (_entry("cat"), "malformed drawing"),
        (_entry([[[0, 256], [0, 1]]]), "out of range"),
        (_entry([[[-1, 25], [0, 1]]]), "out of range"),
        (_entry(GOOD, word="dog"), "wrong word"),
    ],
)
def test_bad_line_is_a_problem_and_the_rest_is_read(tmp_path, line, reason):
    path = _write(tmp_path / "cat.ndjson", _entry(GOOD), line, "", _entry(GOOD))
    _, positions, problems, _ = _all(read_simplified(path, "cat"))
    assert positions == [1, 4]
    assert [(problem.file, problem.line) for problem in problems] == [("cat.ndjson", 2)]
    assert problems[0].reason.startswith(reason)


def test_invalid_utf_8_is_a_problem(tmp_path):
    path = tmp_path / "cat.ndjson"
    path.write_bytes(b"\xff\xfe\x00\n" + _entry(GOOD).encode())
    _, positions, problems, _ = _all(read_simplified(path, "cat"))
    assert positions == [2]
    assert problems[0].reason == "malformed JSON"


def test_endless_line_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr("atelier.data.ingest.quickdraw.MAX_LINE_BYTES", 1000)
    path = _write(tmp_path / "cat.ndjson", "x" * 5500, _entry(GOOD))
    _, positions, problems, _ = _all(read_simplified(path, "cat"))
    assert positions == [2]
    assert "longer than" in problems[0].detail


def test_only_recognized(tmp_path):
    path = _write(tmp_path / "cat.ndjson", _entry(GOOD, recognized=False), _entry(GOOD))
    assert _all(read_simplified(path, "cat", recognized_only=True))[1:] == ([2], [], 1)
    assert _all(read_simplified(path, "cat"))[1] == [1, 2]


def test_limit_counts_lines(tmp_path):
    path = _write(tmp_path / "cat.ndjson", *[_entry(GOOD)] * 5)
    assert _all(read_simplified(path, "cat", limit=3))[1] == [1, 2, 3]


def test_raw_is_simplified(tmp_path):
    path = tmp_path / "cat.ndjson.gz"
    path.write_bytes(gzip.compress(_entry([[[100.5, 200.5, 300.5], [50.0, 50.0, 50.0], [0, 10, 20]]]).encode()))
    items, _, problems, _ = _all(read_raw(path, "cat"))
    assert not problems
    np.testing.assert_array_equal(items[0][0], [[0, 255], [0, 0]])


def test_a_truncated_gzip_file_gives_its_complete_lines(tmp_path):
    lines = [_entry([[[i, 255], [0, (7 * i) % 256]]], key_id=str(i * 7919)) for i in range(250)]
    whole = gzip.compress("\n".join(lines).encode())
    path = tmp_path / "cat.ndjson.gz"
    path.write_bytes(whole[: len(whole) // 2])
    _, positions, problems, _ = _all(read_simplified(path, "cat"))
    assert positions == list(range(1, len(positions) + 1))
    assert [problem.reason for problem in problems] == ["truncated file"]


def test_a_file_that_is_no_gzip_file_is_a_problem(tmp_path):
    path = _write(tmp_path / "cat.ndjson.gz", _entry(GOOD))
    assert [problem.reason for problem in _all(read_raw(path, "cat"))[2]] == ["unreadable file"]


def test_missing_file_is_a_problem(tmp_path):
    assert [p.reason for p in _all(read_simplified(tmp_path / "no.ndjson", "no"))[2]] == ["unreadable file"]
    assert [p.reason for p in _all(read_bitmaps(tmp_path / "no.npy"))[2]] == ["unreadable file"]


@pytest.fixture
def bitmaps():
    return np.random.default_rng(0).integers(1, 256, (10, 784), dtype=np.uint8)


def test_bitmaps_of_both_shapes(tmp_path, bitmaps):
    for shape in ((10, 784), (10, 28, 28)):
        np.save(tmp_path / "cat.npy", bitmaps.reshape(shape))
        batches = list(read_bitmaps(tmp_path / "cat.npy", batch=4))
        assert [len(batch.items) for batch in batches] == [4, 4, 2]
        np.testing.assert_array_equal(np.concatenate([b.items for b in batches]), bitmaps.reshape(10, 28, 28))


def test_bitmap_limit_and_empty_rows(tmp_path, bitmaps):
    bitmaps[2] = 0
    np.save(tmp_path / "cat.npy", bitmaps)
    _, positions, problems, _ = _all(read_bitmaps(tmp_path / "cat.npy", limit=4))
    assert positions == [1, 2, 4]
    assert [(problem.line, problem.reason) for problem in problems] == [(3, "empty drawing")]


def test_truncated_array_gives_its_whole_rows(tmp_path, bitmaps):
    path = tmp_path / "cat.npy"
    np.save(path, bitmaps)
    path.write_bytes(path.read_bytes()[: 128 + 784 * 6 + 100])
    _, positions, problems, _ = _all(read_bitmaps(path))
    assert positions == [1, 2, 3, 4, 5, 6]
    assert [(p.line, p.reason, p.items) for p in problems] == [(7, "truncated file", 4)]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((3, 784), np.float32),
        np.zeros((3, 100), np.uint8),
        np.zeros(784, np.uint8),
        np.zeros((784, 3), np.uint8).T,
        np.array(5, np.uint8),
        np.array([{}], dtype=object),
    ],
)
def test_other_arrays_are_a_problem(tmp_path, array):
    np.save(tmp_path / "cat.npy", array)
    items, _, problems, _ = _all(read_bitmaps(tmp_path / "cat.npy"))
    assert not items
    assert [problem.reason for problem in problems] == ["wrong dtype or shape"]


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"not an array at all", b"\x93NUMPY\x01\x00\x10\x00{'descr'"])
def test_a_file_that_is_no_array_is_a_problem(tmp_path, content):
    (tmp_path / "cat.npy").write_bytes(content)
    assert [problem.reason for problem in _all(read_bitmaps(tmp_path / "cat.npy"))[2]] == ["unreadable file"]
