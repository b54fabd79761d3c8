import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.errors import BadInputError
from atelier.preprocessing import strokes
from atelier.preprocessing.strokes import MAX_SPAN, normalize, parse_strokes, resample, simplify


def test_strokes_become_arrays_and_times_are_dropped():
    drawing = parse_strokes([[[1, 2], [3, 4]], [[1.5], [2.5], [17]]])
    np.testing.assert_array_equal(drawing[0], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(drawing[1], [[1.5], [2.5]])
    assert all(stroke.dtype == np.float64 for stroke in drawing)


@pytest.mark.parametrize(
    ("strokes", "hint"),
    [
        (None, "list"),
        ({}, "list"),
        ([], "at least one stroke"),
        ("drawing", "list"),
        ([[1, 2]], "Stroke 1"),
        ([[[1, 2], [3, 4]], [[1, 2]]], "Stroke 2"),
        ([[[1, 2], [3]]], "as many x as y"),
        ([[[], []]], "no points"),
        ([[["1"], ["2"]]], "numbers"),
        ([[[True], [False]]], "numbers"),
        ([[[True, 2], [3, 4.5]]], "numbers"),
        ([[[None], [1]]], "numbers"),
        ([[[[1]], [[2]]]], "plain number"),
        ([[[10**400], [1]]], "numbers"),
        ([[[math.nan], [1]]], "finite"),
        ([[[math.inf], [1]]], "finite"),
        ([[[1e7], [1]]], "between"),
        ([[[1], [2]]] * 1001, "at most 1000 strokes"),
        ([[[1] * 20_001, [2] * 20_001]], "at most 20000 points"),
    ],
)
def test_the_error_names_the_defect(strokes, hint):
    with pytest.raises(BadInputError, match=hint):
        parse_strokes(strokes)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
)


@settings(deadline=None)
@given(JSON)
def test_no_json_raises_anything_but_bad_input(value):
    try:
        drawing = parse_strokes(value)
    except BadInputError:
        return
    assert all(stroke.shape[0] == 2 and stroke.shape[1] >= 1 and np.isfinite(stroke).all() for stroke in drawing)


COORDINATES = st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=1, max_size=15)


@settings(deadline=None)
@given(st.lists(COORDINATES.map(lambda points: np.array(points).T), min_size=1, max_size=4))
def test_simplified_form_is_aligned_and_scaled(strokes):
    drawing = normalize(strokes)
    points = np.concatenate(drawing, axis=1)
    np.testing.assert_array_equal(points, np.rint(points))
    assert points.min() >= 0
    assert points.max() <= 255
    assert all(stroke.shape[1] >= 2 for stroke in drawing)


def test_corners_of_the_canvas_become_corners_of_the_square():
    box = normalize([[[300, 810, 810, 300], [100, 100, 610, 610]]])[0]
    np.testing.assert_array_equal(box, [[0, 255, 255, 0], [0, 0, 255, 255]])


def test_one_point_becomes_two_equal_ones():
    np.testing.assert_array_equal(normalize([[[400.0], [300.0]]])[0], np.zeros((2, 2)))


def test_resampling_keeps_ends_and_distance():
    stroke = resample(np.array([[0.0, 10.0, 10.0], [0.0, 0.0, 5.5]]))
    assert np.hypot(*np.diff(stroke, axis=1))[:-1] == pytest.approx(1)
    np.testing.assert_array_equal(stroke[:, [0, -1]], [[0, 10], [0, 5.5]])


@settings(deadline=None)
@given(COORDINATES.map(lambda points: np.array(points).T), st.floats(0.1, 100))
def test_no_point_is_farther_than_epsilon_from_the_line_through_its_neighbours(stroke, epsilon):
    kept = simplify(stroke, epsilon)
    np.testing.assert_array_equal(kept[:, [0, -1]], stroke[:, [0, -1]])
    starts = kept[:, :-1, None] if kept.shape[1] > 1 else kept[:, :, None]
    chord = (kept[:, 1:, None] if kept.shape[1] > 1 else starts) - starts
    offset = stroke[:, None] - starts
    length = np.hypot(*chord)
    across = np.abs(chord[0] * offset[1] - chord[1] * offset[0]) / np.where(length > 0, length, 1)
    distance = np.where(length > 0, across, np.hypot(*offset)).min(axis=0)
    assert distance.max() <= epsilon * 1.001 + 1e-6


def test_simplification_has_no_recursion_limit():
    n = 5000
    zigzag = np.array([np.arange(n, dtype=float), np.tile([0.0, 10.0], n // 2)])
    assert simplify(zigzag, 2.0).shape[1] > n - 10


def test_collinear_points_go():
    line = np.array([np.arange(100.0), np.arange(100.0)])
    np.testing.assert_array_equal(simplify(line, 2.0), [[0, 99], [0, 99]])


def test_the_worst_case_of_simplification_is_bounded(monkeypatch):
    """Without the bound, a stroke of 2.5 million points that loses one point a step needs 12 000 million distances."""
    computed = 0
    measure = strokes._distance_to_chord

    def counted(points, start, end):
        nonlocal computed
        computed += points.shape[1]
        return measure(points, start, end)

    monkeypatch.setattr(strokes, "_distance_to_chord", counted)
    x = np.linspace(0, 255, 10_000)
    normalize([np.stack([x, np.where(np.arange(10_000) % 2, 0, 255)])])
    assert computed < 10_000 * MAX_SPAN


def test_a_stroke_of_several_spans_keeps_to_epsilon():
    angle = np.linspace(0, 40 * np.pi, 3 * MAX_SPAN)
    spiral = np.stack([angle * np.cos(angle), angle * np.sin(angle)])
    kept = simplify(spiral, 2.0)
    assert kept.shape[1] < 1500
    np.testing.assert_array_equal(kept[:, [0, -1]], spiral[:, [0, -1]])


@pytest.mark.parametrize("extent", [1e-300, 1e-307, 1e-310, 5e-324])
def test_a_drawing_too_small_for_numbers_is_a_dot(extent):
    (stroke,) = normalize([[[0, extent], [0, 0]]])
    assert (stroke == 0).all()


def test_a_third_row_must_fit_the_others():
    with pytest.raises(BadInputError, match="Stroke 1"):
        parse_strokes([[[1, 2], [3, 4], [1]]])
