"""Rasterize strokes with the geometry of the published Quick Draw bitmaps, in batches, with numpy only.

Google drew its 28 x 28 bitmaps with cairo (https://github.com/googlecreativelab/quickdraw-dataset/issues/19): the
drawing is centred in a 256-unit square, padded, and stroked with a round pen 16 units wide; each stroke is blended over
the earlier ones. Here a pixel is divided into FINE x FINE parts. The grey level of a part is the area that an infinite
line covers of it, at the distance and slope of the nearest segment; the pixel is the mean of its parts. The result
differs from cairo's antialiasing only at stroke ends and sharp corners, where the parts keep the difference small.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.preprocessing.antialiasing import SLOPES, STEPS, coverage

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

SIZE = 28
"""Pixels per side."""
LINE_DIAMETER = 16.0
"""Pen width, in units of the 256-unit drawing."""
PADDING = 16.0
"""Empty border on each side, in the same units."""
UNITS = 256.0
"""Side of the square of simplified drawings."""
FINE = 2
"""Parts of a pixel along each axis. 1 is twice as fast, with twice the difference from cairo."""
BATCH = 64
"""Drawings that are rasterized together: enough to hide numpy's overhead, few enough for the CPU cache."""


def rasterize(
    drawings: Sequence[Sequence[ArrayLike]],
    size: int = SIZE,
    line_diameter: float = LINE_DIAMETER,
    padding: float = PADDING,
) -> NDArray[np.uint8]:
    """White strokes on black, as in the published `numpy_bitmap` files.

    Parameters
    ----------
    drawings
        Each a sequence of strokes, each stroke finite numbers of shape (2, points): x then y, in simplified form
        (0..255, y down). A stroke of one point is a dot; a drawing without strokes stays black.
    size
        Pixels per side.
    line_diameter, padding
        Pen width and empty border on each side, in units of the drawing.

    Returns
    -------
    uint8 of shape (drawings, size, size).
    """
    out = np.zeros((len(drawings), size, size), np.uint8)
    scale = FINE * size / (UNITS + 2 * padding + line_diameter)
    for start in range(0, len(drawings), BATCH):
        batch = drawings[start : start + BATCH]
        strokes = [np.asarray(stroke, np.float32) for drawing in batch for stroke in drawing]
        if strokes:
            counts = np.array([len(drawing) for drawing in batch])
            points, lengths = _to_pixels(strokes, counts, scale, padding + line_diameter / 2)
            ink = _draw_strokes(_segments(points, lengths), len(strokes), FINE * size, line_diameter / 2 * scale)
            out[start : start + len(batch)] = _blend(_average(ink), counts)
    return out


def _to_pixels(strokes: list[Floats], counts: Ints, scale: float, border: float) -> tuple[Floats, Ints]:
    """All points (2, points) in fine pixels, each drawing centred by its largest coordinates; points per stroke."""
    lengths = np.array([stroke.shape[1] for stroke in strokes])
    points = np.concatenate(strokes, axis=1)
    per_drawing = np.add.reduceat(lengths, _starts(counts[counts > 0]))
    largest = np.maximum.reduceat(points, _starts(per_drawing), axis=1)
    shift = np.repeat((UNITS - largest) / 2 + border, per_drawing, axis=1)
    return ((points + shift) * scale).astype(np.float32), lengths


def _starts(lengths: Ints) -> Ints:
    """Start index of each of several consecutive pieces."""
    return np.asarray(np.cumsum(lengths) - lengths)


class _Segments(NamedTuple):
    """Segments by their longer axis: arrays (segments,), in fine pixels."""

    stroke: Ints
    steep: NDArray[np.bool_]
    """Whether the longer axis is y."""
    along: Floats
    across: Floats
    """Start point, on the longer and on the shorter axis."""
    d_along: Floats
    d_across: Floats
    """Difference of end point and start point."""


def _segments(points: Floats, lengths: Ints) -> _Segments:
    """The segments of all strokes; a stroke of one point is a segment of length 0."""
    stroke = np.repeat(np.arange(len(lengths)), lengths)
    last = np.cumsum(lengths) - 1
    begins = np.ones(len(stroke), bool)
    begins[last[lengths > 1]] = False
    first = np.flatnonzero(begins)
    second = np.minimum(first + 1, last[stroke[first]])
    x, y = points[:, first]
    dx, dy = points[:, second] - points[:, first]
    steep = np.abs(dy) > np.abs(dx)
    return _Segments(
        stroke[first],
        steep,
        along=np.where(steep, y, x),
        across=np.where(steep, x, y),
        d_along=np.where(steep, dy, dx),
        d_across=np.where(steep, dx, dy),
    )


class _Walk(NamedTuple):
    """Single steps along segments, each at the first pixel of the window across the segment: arrays (steps,)."""

    u: Floats
    v: Floats
    """Position of the pixel along the segment from its start, and its distance from the line of the segment."""
    cos: Floats
    sin: Floats
    """Direction of the segment: one pixel across adds sin to u and subtracts cos from v."""
    length: Floats
    table_row: NDArray[np.int32]
    pixel: Ints
    across: Ints
    """Index into the canvases, and the increment of the index per pixel across."""


def _draw_strokes(segments: _Segments, strokes: int, size: int, radius: float) -> NDArray[np.uint8]:
    """Ink of every stroke on a separate canvas, (strokes, size, size), 0..255.

    Each segment is followed along its longer axis; each step updates a small window of pixels across it. The canvas has
    a margin as wide as the window, so that no pixel needs clipping.
    """
    table, reach = coverage(radius)
    window = int(np.ceil(2 * reach * np.sqrt(2))) + 1
    side = size + 2 * window
    walk = _walk(segments, table.shape[1], reach, window, side)
    canvas = np.zeros(strokes * side * side, np.uint8)
    flat_table, last = table.ravel(), np.float32(table.shape[1] - 1)
    for _ in range(window):
        beyond = walk.u - np.clip(walk.u, 0, walk.length)
        squared = beyond * beyond + walk.v * walk.v
        entry = np.minimum(np.sqrt(squared) * np.float32(STEPS) + np.float32(0.5), last).astype(np.int32)
        entry += walk.table_row
        np.maximum.at(canvas, walk.pixel, flat_table[entry])
        np.add(walk.u, walk.sin, out=walk.u)
        np.subtract(walk.v, walk.cos, out=walk.v)
        np.add(walk.pixel, walk.across, out=walk.pixel)
    return canvas.reshape(-1, side, side)[:, window:-window, window:-window]


def _walk(segments: _Segments, table_width: int, reach: float, window: int, side: int) -> _Walk:
    """All steps of all segments, from one end of the ink to the other."""
    stroke, steep, along, across, d_along, d_across = segments
    length = np.hypot(d_along, d_across)
    still = length == 0
    cos = np.where(still, 1, d_along / np.where(still, 1, length)).astype(np.float32)
    sin = np.where(still, 0, d_across / np.where(still, 1, length)).astype(np.float32)
    slope = sin / cos
    edges = (-window, side - window)
    first = np.clip(np.ceil(np.minimum(along, along + d_along) - reach - 0.5), *edges).astype(np.int32)
    stop = np.clip(np.floor(np.maximum(along, along + d_along) + reach + 0.5), *edges).astype(np.int32)
    steps = np.maximum(stop - first, 0)

    of = np.repeat(np.arange(len(steps)), steps)  # the segment of each step
    column = np.arange(len(of)) - (_starts(steps) - first)[of]
    a = column.astype(np.float32) + np.float32(0.5) - along[of]
    on_line = np.clip(a, np.minimum(d_along, 0)[of], np.maximum(d_along, 0)[of]) * slope[of] + across[of]
    row = np.clip(np.ceil(on_line - window / 2), -window, side - 2 * window)
    b = row + np.float32(0.5) - across[of]
    step_along, step_across = np.where(steep, side, 1), np.where(steep, 1, side)
    origin = stroke * side * side + window * (side + 1)
    return _Walk(
        u=a * cos[of] + b * sin[of],
        v=a * sin[of] - b * cos[of],
        cos=cos[of],
        sin=sin[of],
        length=length[of],
        table_row=(np.abs(slope) * SLOPES + 0.5).astype(np.int32)[of] * np.int32(table_width),
        pixel=origin[of] + column * step_along[of] + row.astype(np.intp) * step_across[of],
        across=step_across[of],
    )


def _average(ink: NDArray[np.uint8]) -> Floats:
    """Covered fraction of each pixel, the mean of its FINE x FINE parts: (strokes, size, size)."""
    strokes, side, _ = ink.shape
    total = np.zeros((strokes, side // FINE, side // FINE), np.uint16)
    for row in range(FINE):
        for column in range(FINE):
            total += ink[:, row::FINE, column::FINE]
    return total * np.float32(1 / (255 * FINE * FINE))


def _blend(covered: Floats, counts: Ints) -> NDArray[np.uint8]:
    """Blend the strokes of each drawing with cairo's operator `over`: (drawings, size, size)."""
    out = np.zeros((len(counts), *covered.shape[1:]), np.uint8)
    bare = np.multiply.reduceat(1 - covered, _starts(counts)[counts > 0], axis=0)
    out[counts > 0] = np.rint(255 * (1 - bare))
    return out
