"""The 12 categories of the sample data, as strokes in a unit square (y down), drawn for many drawings at once.

The categories are similar on purpose: a clock without hands is a circle, an envelope without its flap is a square.
Classification is therefore not trivial, and some drawings are ambiguous.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass
class Stroke:
    """One stroke of many drawings: points (drawings, 2, k) in the unit square, and whether each drawing has it."""

    points: Array
    present: NDArray[np.bool_]


class Canvas:
    """Collects the strokes of many drawings at once. Positions and sizes are numbers or arrays (drawings,)."""

    def __init__(self, rng: np.random.Generator, drawings: int) -> None:
        self.rng = rng
        self.drawings = drawings
        self.strokes: list[Stroke] = []

    def uniform(self, low: float, high: float) -> Array:
        """A random number for each drawing, (drawings,)."""
        return self.rng.uniform(low, high, self.drawings)

    def path(self, *corners: tuple[Any, Any], probability: float = 1.0) -> None:
        """A line through corners (x, y), numbers or arrays; each drawing has it with this probability."""
        points = np.stack([np.stack([np.broadcast_to(v, self.drawings) for v in corner], 1) for corner in corners], 2)
        self.strokes.append(Stroke(points.astype(float), self.rng.random(self.drawings) < probability))

    def arc(
        self,
        x: Any,
        y: Any,
        rx: Any,
        ry: Any,
        start: Any = None,
        turn: Any = None,
        k: int = 14,
        probability: float = 1.0,
    ) -> None:
        """Part of an ellipse; by default a whole one from a random angle, closed too early or too late."""
        start = self.uniform(0, 2 * np.pi) if start is None else start
        turn = self.uniform(1.85, 2.1) * np.pi if turn is None else turn
        angle = np.broadcast_to(start, self.drawings)[:, None] + np.linspace(0, 1, k) * np.broadcast_to(
            turn, self.drawings
        ).reshape(-1, 1)
        self.path(*((x + rx * np.cos(a), y + ry * np.sin(a)) for a in angle.T), probability=probability)


def circle(canvas: Canvas) -> None:
    """A closed oval and nothing else."""
    canvas.arc(0.5, 0.5, 0.5, canvas.uniform(0.42, 0.5))


def clock(canvas: Canvas) -> None:
    """A round rim with up to two hands, half of them with marks."""
    canvas.arc(0.5, 0.5, 0.5, 0.5)
    for reach in (0.36, 0.26):
        angle = canvas.uniform(0, 2 * np.pi)
        canvas.path((0.5, 0.5), (0.5 + reach * np.cos(angle), 0.5 + reach * np.sin(angle)), probability=0.9)
    _ticks(canvas, hours=4, probability=0.5)


def _ticks(canvas: Canvas, hours: int, probability: float) -> None:
    """Marks along a clock's rim: all of them or none."""
    marked = canvas.rng.random(canvas.drawings) < probability
    for angle in np.arange(hours) * 2 * np.pi / hours:
        c, s = np.cos(angle), np.sin(angle)
        canvas.path((0.5 + 0.38 * c, 0.5 + 0.38 * s), (0.5 + 0.47 * c, 0.5 + 0.47 * s))
        canvas.strokes[-1].present &= marked


def donut(canvas: Canvas) -> None:
    """An oval inside an oval, sometimes with sprinkles."""
    canvas.arc(0.5, 0.5, 0.5, canvas.uniform(0.4, 0.5))
    hole = canvas.uniform(0.1, 0.26)
    canvas.arc(
        canvas.uniform(0.44, 0.56),
        canvas.uniform(0.42, 0.54),
        hole,
        hole * canvas.uniform(0.7, 1),
        k=10,
        probability=0.97,
    )
    for _ in range(3):
        x, y = canvas.uniform(0.1, 0.9), canvas.uniform(0.1, 0.25)
        canvas.path((x, y), (x + 0.05, y + 0.05), probability=0.15)


def smiley_face(canvas: Canvas) -> None:
    """A round face with two eyes and a smile."""
    canvas.arc(0.5, 0.5, 0.5, 0.5, probability=0.97)
    for x in (0.33, 0.67):
        canvas.arc(x, canvas.uniform(0.3, 0.38), 0.04, canvas.uniform(0.03, 0.09), k=6, probability=0.95)
    canvas.arc(
        0.5,
        canvas.uniform(0.5, 0.6),
        canvas.uniform(0.2, 0.32),
        canvas.uniform(0.12, 0.25),
        0.1 * np.pi,
        0.8 * np.pi,
        8,
        0.96,
    )


def sun(canvas: Canvas) -> None:
    """A small circle with rays around it."""
    radius = canvas.uniform(0.2, 0.32)
    canvas.arc(0.5, 0.5, radius, radius)
    _spokes(canvas, 9, radius + canvas.uniform(0.02, 0.08), 0.5 + canvas.uniform(-0.06, 0.06), probability=0.82)


def wheel(canvas: Canvas) -> None:
    """A rim, spokes, and often a hub."""
    canvas.arc(0.5, 0.5, 0.5, 0.5)
    hub = canvas.uniform(0.05, 0.16)
    canvas.arc(0.5, 0.5, hub, hub, k=8, probability=0.75)
    _spokes(canvas, 7, hub, np.full(canvas.drawings, 0.48), probability=0.75)


def _spokes(canvas: Canvas, count: int, inner: Array, outer: Array, probability: float) -> None:
    turned = canvas.uniform(0, 2 * np.pi)
    for number in range(count):
        angle = turned + 2 * np.pi * number / count + canvas.uniform(-0.12, 0.12)
        c, s = np.cos(angle), np.sin(angle)
        canvas.path((0.5 + inner * c, 0.5 + inner * s), (0.5 + outer * c, 0.5 + outer * s), probability=probability)


def _box(canvas: Canvas, left: Any, top: Any, right: Any, bottom: Any) -> None:
    gap = canvas.uniform(-0.03, 0.05)
    canvas.path((left, top), (right, top), (right, bottom), (left, bottom), (left + gap, top + gap))


def square(canvas: Canvas) -> None:
    """Four sides."""
    _box(canvas, 0, canvas.uniform(0, 0.1), 1, 1)


def envelope(canvas: Canvas) -> None:
    """A wide box with a flap, a quarter of them with the lower folds."""
    top = canvas.uniform(0.15, 0.4)
    _box(canvas, 0, top, 1, 1)
    canvas.path((0, top), (0.5, top + canvas.uniform(0.2, 0.45) * (1 - top) / 0.6), (1, top), probability=0.96)
    both = canvas.rng.random(canvas.drawings) < 0.25
    for x in (0.0, 1.0):
        canvas.path((x, 1), (0.5 + 0.15 * (x - 0.5), 0.65))
        canvas.strokes[-1].present &= both


def door(canvas: Canvas) -> None:
    """A tall box with a knob and sometimes panels."""
    side = canvas.uniform(0.15, 0.3)
    _box(canvas, side, 0, 1 - side, 1)
    canvas.arc(0.9 - side, canvas.uniform(0.45, 0.6), 0.035, 0.035, k=6, probability=0.85)
    for top, bottom in ((0.08, 0.42), (0.58, 0.92)):
        canvas.path(
            *((side + 0.1 + u * (0.8 - 2 * side), top + v * (bottom - top)) for u, v in _UNIT_BOX), probability=0.25
        )


_UNIT_BOX = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))


def house(canvas: Canvas) -> None:
    """A box under a roof, often with a door and a window."""
    eaves = canvas.uniform(0.35, 0.5)
    _box(canvas, 0.05, eaves, 0.95, 1)
    canvas.path((0, eaves), (0.5, 0), (1, eaves), probability=0.97)
    canvas.path((0.4, 1), (0.4, 0.7), (0.6, 0.7), (0.6, 1), probability=0.6)
    canvas.path(*((0.68 + 0.15 * u, 0.58 + 0.15 * v) for u, v in _UNIT_BOX), probability=0.3)


def tent(canvas: Canvas) -> None:
    """A triangle with the flaps of its entrance."""
    top = canvas.uniform(0, 0.15)
    canvas.path((0.5, top), (0, 1), (1, 1), (0.5, top))
    canvas.path((0.5, top), (canvas.uniform(0.3, 0.45), 1), probability=0.8)
    canvas.path((0.5, top), (canvas.uniform(0.55, 0.7), 1), probability=0.7)


def triangle(canvas: Canvas) -> None:
    """Three sides."""
    canvas.path(
        (canvas.uniform(0.35, 0.65), canvas.uniform(0, 0.15)), (1, 1), (0, canvas.uniform(0.93, 1)), (0.5, 0.03)
    )


CATEGORIES: dict[str, Callable[[Canvas], None]] = {
    "circle": circle,
    "clock": clock,
    "donut": donut,
    "door": door,
    "envelope": envelope,
    "house": house,
    "smiley face": smiley_face,
    "square": square,
    "sun": sun,
    "tent": tent,
    "triangle": triangle,
    "wheel": wheel,
}
"""Category (with its name in Quick, Draw!) → the function that draws it."""
