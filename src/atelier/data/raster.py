"""Strokes to grey pixels: the geometry of the published Quick Draw bitmaps, for whole batches at once, in numpy alone.

Google drew its 28 x 28 bitmaps with cairo (https://github.com/googlecreativelab/quickdraw-dataset/issues/19): the
drawing is centred in a 256-unit square, padded, and stroked with a round pen 16 units wide; each stroke is blended over
the ones before it. Here a pixel's grey level is the exact area that an endless straight line, at the distance and slope
of the nearest segment, covers of it. That equals cairo's antialiasing but for stroke ends and sharp corners.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

UNITS = 256.0
"""Side of the square that simplified drawings live in."""
BATCH = 256
"""Drawings rasterised together: large enough to hide numpy's overhead, small enough for the processor's cache."""
_STEPS = 32
"""Table entries a pixel of distance."""
_SLOPES = 16
"""Table entries between a slope of 0 and of 1."""


def rasterise(
    drawings: Sequence[Sequence[ArrayLike]], size: int = 28, line_diameter: float = 16.0, padding: float = 16.0
) -> NDArray[np.uint8]:
    """White strokes on black, as in the published `numpy_bitmap` files.

    Parameters
    ----------
    drawings
        Each a sequence of strokes, each stroke finite numbers of shape (2, points): x then y, in simplified form
        (0..255, y down). A stroke of one point is a dot; a drawing without strokes stays black.
    size
        Pixels a side.
    line_diameter, padding
        Pen width and empty border on each side, in units of the drawing.

    Returns
    -------
    uint8 of shape (drawings, size, size).
    """
    out = np.zeros((len(drawings), size, size), np.uint8)
    scale = size / (UNITS + 2 * padding + line_diameter)
    for start in range(0, len(drawings), BATCH):
        batch = drawings[start : start + BATCH]
        strokes = [np.asarray(stroke, np.float32) for drawing in batch for stroke in drawing]
        if strokes:
            counts = np.array([len(drawing) for drawing in batch])
            points, lengths = _to_pixels(strokes, counts, scale, padding + line_diameter / 2)
            ink = _draw_strokes(points, lengths, size, line_diameter / 2 * scale)
            out[start : start + len(batch)] = _blend(ink, counts)
    return out


def _to_pixels(strokes: list[NDArray[Any]], counts: Ints, scale: float, border: float) -> tuple[Floats, Ints]:
    """All points (2, points) in pixels, each drawing centred by its largest coordinates, and the strokes' lengths."""
    lengths = np.array([stroke.shape[1] for stroke in strokes])
    points = np.concatenate(strokes, axis=1)
    per_drawing = np.add.reduceat(lengths, _starts(counts[counts > 0]))
    largest = np.maximum.reduceat(points, _starts(per_drawing), axis=1)
    shift = np.repeat((UNITS - largest) / 2 + border, per_drawing, axis=1)
    return (points + shift) * np.float32(scale), lengths


def _starts(lengths: Ints) -> Ints:
    """Where each of several consecutive pieces begins."""
    return np.cumsum(lengths) - lengths


def _segments(points: Floats, lengths: Ints) -> tuple[Floats, Floats, Ints]:
    """Start (2, segments), end (2, segments) and stroke of each segment; a stroke of one point is one of length 0."""
    stroke = np.repeat(np.arange(len(lengths)), lengths)
    last = np.cumsum(lengths) - 1
    starts = np.ones(len(stroke), bool)
    starts[last[lengths > 1]] = False
    first = np.flatnonzero(starts)
    second = np.minimum(first + 1, last[stroke[first]])
    return points[:, first], points[:, second], stroke[first]


def _draw_strokes(points: Floats, lengths: Ints, size: int, radius: float) -> NDArray[np.uint8]:
    """Ink of every stroke on a canvas of its own, (strokes, size, size), 0..255.

    Each segment is walked pixel by pixel along its longer axis, and the few pixels across are looked at at each step.
    The canvas has a margin as wide as that window, so nothing needs clipping; the margin is cut off at the end.
    """
    table, reach = _coverage(radius)
    across = int(np.ceil(2 * reach * np.sqrt(2))) + 1
    side = size + 2 * across
    start, end, stroke = _segments(points, lengths)

    delta = end - start
    steep = np.abs(delta[1]) > np.abs(delta[0])
    along0 = np.where(steep, start[1], start[0])
    across0 = np.where(steep, start[0], start[1])
    d_along = np.where(steep, delta[1], delta[0])
    d_across = np.where(steep, delta[0], delta[1])
    length = np.sqrt(d_along**2 + d_across**2)
    unit = 1 / np.maximum(length, 1e-6)
    cos, sin = d_along * unit, d_across * unit
    cos = np.where(length > 1e-6, cos, 1)
    slope = sin / cos

    low = np.minimum(along0, along0 + d_along) - reach
    high = np.maximum(along0, along0 + d_along) + reach
    first = np.clip(np.ceil(low - 0.5), -across, size + across).astype(np.int32)
    stop = np.clip(np.floor(high - 0.5) + 1, -across, size + across).astype(np.int32)
    steps = np.maximum(stop - first, 0)
    seg = np.repeat(np.arange(len(steps)), steps)
    column = np.arange(len(seg)) - np.repeat(_starts(steps) - first, steps)

    row_of = (np.abs(slope) * _SLOPES + 0.5).astype(np.int32) * table.shape[1]
    base = stroke * side * side + (across * side + across)
    step_along = np.where(steep, side, 1)
    step_across = np.where(steep, 1, side)

    # per step
    a = (column + 0.5 - along0[seg]).astype(np.float32)
    on_line = np.clip(a, np.minimum(d_along, 0)[seg], np.maximum(d_along, 0)[seg]) * slope[seg] + across0[seg]
    row = np.clip(np.ceil(on_line - across / 2), -across, size).astype(np.int32)
    b = (row + np.float32(0.5) - across0[seg]).astype(np.float32)
    cos_, sin_, len_ = cos[seg].astype(np.float32), sin[seg].astype(np.float32), length[seg].astype(np.float32)
    window = np.arange(across, dtype=np.float32)
    u = (a * cos_ + b * sin_)[:, None] + sin_[:, None] * window
    v = (a * sin_ - b * cos_)[:, None] - cos_[:, None] * window
    u -= np.clip(u, 0, len_[:, None])
    d = np.sqrt(u * u + v * v)
    index = np.minimum(d * np.float32(_STEPS) + np.float32(0.5), table.shape[1] - 1).astype(np.int32)
    index += row_of[seg][:, None]
    ink = table.ravel()[index]
    where = (base[seg] + column * step_along[seg] + row * step_across[seg])[:, None] + step_across[seg][
        :, None
    ] * np.arange(across)
    canvas = np.zeros(len(lengths) * side * side, np.uint8)
    hit = np.flatnonzero(ink)
    np.maximum.at(canvas, where.ravel()[hit], ink.ravel()[hit])
    return canvas.reshape(-1, side, side)[:, across:-across, across:-across]


@lru_cache(maxsize=16)
def _coverage(radius: float) -> tuple[NDArray[np.uint8], float]:
    """Grey level of a pixel by slope and distance from the middle of a line of this radius in pixels, and how far it reaches.

    A pixel seen along the line is a trapezoid, as wide as |cos| + |sin| at its foot and ||cos| - |sin|| at its top; what a
    half-plane covers of the pixel is that trapezoid's integral.
    """
    reach = radius + np.sqrt(0.5)
    distance = np.arange(int(reach * _STEPS) + 3) / _STEPS
    angle = np.arctan(np.arange(_SLOPES + 1) / _SLOPES)[:, None]
    foot = (np.cos(angle) + np.sin(angle)) / 2
    top = (np.cos(angle) - np.sin(angle)) / 2

    def half_plane(t: NDArray[Any]) -> NDArray[Any]:
        t = np.clip(t, -foot, foot)
        ramp = np.maximum(foot - np.abs(t), 0)
        flank = np.maximum(foot - top, 1e-9)
        height = 1 / (foot + top)
        tail = np.where(ramp < flank, ramp**2 / (2 * flank), ramp - flank / 2) * height
        return np.where(t < 0, tail, 1 - tail)

    covered = half_plane(radius - distance) + half_plane(radius + distance) - 1
    covered[:, -1] = 0
    return np.rint(255 * covered).astype(np.uint8), float(reach)


def _blend(ink: NDArray[np.uint8], counts: Ints) -> NDArray[np.uint8]:
    """(drawings, size, size): each drawing's strokes laid over each other, as cairo's `over` does."""
    out = np.zeros((len(counts), *ink.shape[1:]), np.uint8)
    bare = 1 - ink * np.float32(1 / 255)
    left = np.multiply.reduceat(bare, _starts(counts)[counts > 0], axis=0)
    out[counts > 0] = np.rint(255 * (1 - left))
    return out
