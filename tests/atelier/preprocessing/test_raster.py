import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.preprocessing import raster
from atelier.preprocessing.raster import rasterize

CORNER = [[[0, 255], [0, 255]]]


def _supersampled(drawing, size=28, fine=16):
    """The slow definition: fraction of sub-pixels within the radius of each stroke, with strokes blended."""
    scale = size / 304
    largest = np.concatenate([np.asarray(s, float) for s in drawing], axis=1).max(axis=1)
    y, x = (np.mgrid[: size * fine, : size * fine] + 0.5) / fine
    bare = np.ones((size, size))
    for stroke in drawing:
        points = ((np.asarray(stroke, float).T + (256 - largest) / 2 + 24) * scale).tolist()
        hit = np.zeros(x.shape, bool)
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[-1]], strict=True):
            dx, dy = x1 - x0, y1 - y0
            t = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-12), 0, 1)
            hit |= (x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2 <= (8 * scale) ** 2
        bare *= 1 - hit.reshape(size, fine, size, fine).mean(axis=(1, 3))
    return 255 * (1 - bare)


def test_shape_and_type():
    assert rasterize([]).shape == (0, 28, 28)
    images = rasterize([CORNER, CORNER, CORNER], size=40)
    assert images.shape == (3, 40, 40)
    assert images.dtype == np.uint8


def test_empty_drawing_stays_black_among_others():
    images = rasterize([[], CORNER, []])
    assert not images[0].any()
    assert images[1].any()
    assert not images[2].any()


def test_point_is_a_round_dot_in_the_middle():
    for dot in ([[0], [0]], [[0, 0], [0, 0]]):
        bitmap = rasterize([[dot]])[0].astype(int)
        assert bitmap.sum() == pytest.approx(255 * np.pi * (8 * 28 / 304) ** 2, rel=0.05)
        np.testing.assert_allclose(bitmap, bitmap.T, atol=1)
        np.testing.assert_allclose(bitmap, bitmap[::-1, ::-1], atol=1)


def test_drawing_is_centred_by_its_largest_coordinates():
    bitmap = rasterize([[[[0, 100], [0, 0]]]])[0]
    rows, columns = np.nonzero(bitmap > 100)
    assert set(rows) == {13, 14}
    assert columns.mean() == pytest.approx(13.5, abs=0.5)


@pytest.mark.parametrize(
    "drawing",
    [
        [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]],
        [[[0, 100, 255], [0, 255, 10]], [[0, 255], [128, 100]]],
        [[[10, 30, 20, 60, 255], [0, 200, 30, 220, 255]]],
        [[[0, 255], [0, 255]], [[255, 0], [0, 255]], [[128], [20]]],
    ],
)
@pytest.mark.parametrize("size", [28, 64])
def test_equals_the_definition(drawing, size):
    bitmap = rasterize([drawing], size=size)[0]
    assert np.abs(bitmap - _supersampled(drawing, size)).mean() < 1


STROKE = st.integers(1, 12).flatmap(
    lambda n: st.lists(st.lists(st.floats(0, 255, width=32), min_size=n, max_size=n), min_size=2, max_size=2)
)


@settings(max_examples=50, deadline=None)
@given(st.lists(STROKE, min_size=1, max_size=4))
def test_close_to_the_definition_for_any_drawing(drawing):
    bitmap = rasterize([drawing])[0]
    assert np.abs(bitmap - _supersampled(drawing)).mean() < 4


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(STROKE, max_size=3), min_size=1, max_size=8))
def test_batch_equals_one_by_one(drawings):
    one_by_one = np.concatenate([rasterize([drawing]) for drawing in drawings])
    np.testing.assert_array_equal(rasterize(drawings), one_by_one)


def test_the_batch_size_changes_nothing(monkeypatch):
    drawings = [[[[0, 10 * i], [0, 255]]] for i in range(1, 20)]
    whole = rasterize(drawings)
    monkeypatch.setattr(raster, "BATCH", 7)
    np.testing.assert_array_equal(rasterize(drawings), whole)


def test_direction_and_splitting_of_a_stroke_change_nothing():
    forth = rasterize([[[[0, 120, 255], [10, 200, 30]]]])
    back = rasterize([[[[255, 120, 0], [30, 200, 10]]]])
    np.testing.assert_allclose(forth.astype(int), back, atol=8)


def test_coordinates_far_outside_are_cut_off():
    bitmap = rasterize([[[[-1e5, 255], [100, 255]]], CORNER])
    assert bitmap.shape == (2, 28, 28)
    np.testing.assert_array_equal(bitmap[1], rasterize([CORNER])[0])


def test_needs_numpy_alone():
    others = ("orjson", "fsspec", "PIL", "yaml", "pydantic")
    code = f"import sys, atelier.preprocessing.raster; print([m for m in {others} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
