"""Drawings as strokes: validation, and Google's simplified form.

A drawing is a list of strokes, a stroke an array of shape (2, points): x then y, y pointing down.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.errors import BadInputError

Stroke = NDArray[np.float64]
Drawing = list[Stroke]

MAX_VALUE = 255.0
"""Largest coordinate of the simplified form."""
MIN_EXTENT = 1e-9
"""A smaller drawing is a dot: scaling it would overflow."""
MAX_COORDINATE = 1e6
"""Coordinates with a larger absolute value are rejected."""
MAX_SPAN = 32_768
"""Points that are simplified at once. The worst case (a zigzag) takes quadratic time: 38 s for 10 000 points without
this bound, 0.3 s with it. Of 6 600 strokes of the raw data one is longer."""


def parse_strokes(strokes: Any, max_strokes: int = 1000, max_points: int = 20_000) -> Drawing:
    """Validate strokes in the form of JSON, `[[[x, …], [y, …]], …]`. A third list, of times, is dropped.

    Raises
    ------
    BadInputError
        When there is no stroke, a stroke is malformed, a coordinate is not finite, or a limit is exceeded.
    """
    if not isinstance(strokes, list) or not strokes:
        raise BadInputError("A drawing must be a list with at least one stroke, each [[x, …], [y, …]].")
    if len(strokes) > max_strokes:
        raise BadInputError(f"A drawing may have at most {max_strokes} strokes; this one has {len(strokes)}.")
    points = 0
    drawing = []
    for number, stroke in enumerate(strokes, 1):
        points += _count_points(stroke, number)
        if points > max_points:
            raise BadInputError(f"A drawing may have at most {max_points} points; send fewer, or simplify the strokes.")
        drawing.append(_parse_stroke(stroke, number))
    if not (np.abs(np.concatenate(drawing, axis=1)) <= MAX_COORDINATE).all():  # also false for NaN
        raise BadInputError(
            f"Every coordinate must be a finite number between -{MAX_COORDINATE:.0f} and {MAX_COORDINATE:.0f}."
        )
    return drawing


def _count_points(stroke: Any, number: int) -> int:
    """Number of points of a stroke; cheap, so that the limit is applied before the conversion."""
    if not isinstance(stroke, list) or len(stroke) not in (2, 3) or not all(isinstance(axis, list) for axis in stroke):
        raise BadInputError(f"Stroke {number} must be lists of equal length, [[x, …], [y, …]], with [t, …] or without.")
    return len(stroke[0])


def _parse_stroke(stroke: list[list[Any]], number: int) -> Stroke:
    try:
        parsed = np.array(stroke[:2])
    except (ValueError, OverflowError):  # lists of different lengths
        parsed = np.empty(0)
    if parsed.ndim != 2 or any(len(axis) != len(stroke[0]) for axis in stroke):
        raise BadInputError(f"Stroke {number} must have as many x as y coordinates, each a plain number.")
    if parsed.shape[1] == 0:
        raise BadInputError(f"Stroke {number} has no points; leave it out.")
    # numpy takes true for 1 where there are numbers beside it.
    if parsed.dtype.kind not in "iuf" or any(type(value) is bool for axis in stroke[:2] for value in axis):
        raise BadInputError(f"Stroke {number} must hold numbers only.")
    return parsed.astype(np.float64)


def normalize(strokes: Sequence[ArrayLike], epsilon: float = 2.0) -> Drawing:
    """Convert strokes in any unit (canvas pixels, the raw format) to Google's simplified form.

    The documented steps (https://github.com/googlecreativelab/quickdraw-dataset#preprocessed-dataset): align to the
    top left, so that both axes start at 0; scale evenly, so that the largest value is 255; resample every stroke at
    1 pixel; simplify by Ramer-Douglas-Peucker with this epsilon; round to integers.

    Returns
    -------
    Strokes of shape (2, points ≥ 2), integers in 0..255. A stroke of one point becomes two equal points.
    """
    drawing = [np.asarray(stroke, np.float64) for stroke in strokes]
    points = np.concatenate(drawing, axis=1)
    origin = points.min(axis=1, keepdims=True)
    extent = float((points - origin).max())
    scale = MAX_VALUE / extent if extent > MIN_EXTENT else 1.0
    return [np.rint(simplify(resample((stroke - origin) * scale), epsilon)) for stroke in drawing]


def resample(stroke: Stroke, spacing: float = 1.0) -> Stroke:
    """Points at equal distances along the stroke, with its first and last point: (2, points ≥ 2)."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=1)))])
    at = np.append(np.arange(0, length[-1], spacing), length[-1])
    if len(at) == 1:
        at = np.zeros(2)
    return np.stack([np.interp(at, length, axis) for axis in stroke])


def simplify(stroke: Stroke, epsilon: float) -> Stroke:
    """Ramer-Douglas-Peucker: drop points so that no point of the stroke is farther than epsilon from the result.

    Uses a stack of spans instead of recursion, so the length of a stroke is not limited. A stroke of more than
    `MAX_SPAN` points, 128 times the width of the drawing, is simplified in pieces.
    """
    last = stroke.shape[1] - 1
    ends = [*range(0, last, MAX_SPAN), last]
    keep = np.zeros(stroke.shape[1], bool)
    keep[ends] = True
    spans = list(pairwise(ends))
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        distance = _distance_to_chord(stroke[:, first + 1 : last], stroke[:, first], stroke[:, last])
        farthest = int(distance.argmax())
        if distance[farthest] > epsilon:
            middle = first + 1 + farthest
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return stroke[:, keep]


def _distance_to_chord(points: Stroke, start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of points (2, n) from the infinite line through start and end; from the point where the two are equal.

    The distance from the segment would be better (a stroke that is drawn forth and straight back loses its far end),
    but with it fewer than half of the published simplified drawings are reproduced.
    """
    chord = end - start
    offset = points - start[:, None]
    length = np.hypot(chord[0], chord[1])
    if length == 0:
        return np.asarray(np.hypot(offset[0], offset[1]))
    return np.asarray(np.abs(chord[0] * offset[1] - chord[1] * offset[0]) / length)
