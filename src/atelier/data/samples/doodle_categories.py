"""The 12 categories of the sample data, as strokes in a unit square (y down), drawn for many drawings at once.

They are chosen for their likeness (a clock without its hands is a circle, an envelope without its flap a square), so
that a classifier has real work and some drawings cannot be told apart by anybody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass
class Stroke:
    """One stroke of many drawings: points (drawings, 2, k) in the unit square, and which drawings have it."""

    points: Array
    present: NDArray[np.bool_]


class Hand:
    """Draws strokes of many drawings at once. Positions and sizes are numbers or arrays (drawings,)."""

    def __init__(self, rng: np.random.Generator, drawings: int) -> None:
        self.rng = rng
        self.drawings = drawings
        self.strokes: list[Stroke] = []

    def vary(self, low: float, high: float) -> Array:
        """A number for each drawing."""
        return self.rng.uniform(low, high, self.drawings)

    def path(self, *corners: tuple[Any, Any], chance: float = 1.0) -> None:
        """A line through corners, each a pair of numbers or arrays; there with this probability."""
        points = np.stack([np.stack([np.broadcast_to(v, self.drawings) for v in corner], 1) for corner in corners], 2)
        self.strokes.append(Stroke(points.astype(float), self.rng.random(self.drawings) < chance))

    def arc(
        self, x: Any, y: Any, rx: Any, ry: Any, start: Any = None, turn: Any = None, k: int = 14, chance: float = 1.0
    ) -> None:
        """Part of an ellipse; by default a closed one, begun anywhere and closed too early or too late."""
        start = self.vary(0, 2 * np.pi) if start is None else start
        turn = self.vary(1.85, 2.1) * np.pi if turn is None else turn
        angle = np.broadcast_to(start, self.drawings)[:, None] + np.linspace(0, 1, k) * np.broadcast_to(
            turn, self.drawings
        ).reshape(-1, 1)
        self.path(*((x + rx * np.cos(a), y + ry * np.sin(a)) for a in angle.T), chance=chance)


def circle(hand: Hand) -> None:
    """A closed oval and nothing else."""
    hand.arc(0.5, 0.5, 0.5, hand.vary(0.42, 0.5))


def clock(hand: Hand) -> None:
    """A round rim with up to two hands, every other one with marks."""
    hand.arc(0.5, 0.5, 0.5, 0.5)
    for reach in (0.36, 0.26):
        angle = hand.vary(0, 2 * np.pi)
        hand.path((0.5, 0.5), (0.5 + reach * np.cos(angle), 0.5 + reach * np.sin(angle)), chance=0.9)
    _ticks(hand, hours=4, chance=0.5)


def _ticks(hand: Hand, hours: int, chance: float) -> None:
    """Marks along a clock's rim: all of them or none."""
    marked = hand.rng.random(hand.drawings) < chance
    for angle in np.arange(hours) * 2 * np.pi / hours:
        c, s = np.cos(angle), np.sin(angle)
        hand.path((0.5 + 0.38 * c, 0.5 + 0.38 * s), (0.5 + 0.47 * c, 0.5 + 0.47 * s))
        hand.strokes[-1].present &= marked


def donut(hand: Hand) -> None:
    """An oval in an oval, sometimes with sprinkles."""
    hand.arc(0.5, 0.5, 0.5, hand.vary(0.4, 0.5))
    hole = hand.vary(0.1, 0.26)
    hand.arc(hand.vary(0.44, 0.56), hand.vary(0.42, 0.54), hole, hole * hand.vary(0.7, 1), k=10, chance=0.97)
    for _ in range(3):
        x, y = hand.vary(0.1, 0.9), hand.vary(0.1, 0.25)
        hand.path((x, y), (x + 0.05, y + 0.05), chance=0.15)


def smiley_face(hand: Hand) -> None:
    """A round face with two eyes and a smile."""
    hand.arc(0.5, 0.5, 0.5, 0.5, chance=0.97)
    for x in (0.33, 0.67):
        hand.arc(x, hand.vary(0.3, 0.38), 0.04, hand.vary(0.03, 0.09), k=6, chance=0.95)
    hand.arc(0.5, hand.vary(0.5, 0.6), hand.vary(0.2, 0.32), hand.vary(0.12, 0.25), 0.1 * np.pi, 0.8 * np.pi, 8, 0.96)


def sun(hand: Hand) -> None:
    """A small circle with rays around it."""
    radius = hand.vary(0.2, 0.32)
    hand.arc(0.5, 0.5, radius, radius)
    _spokes(hand, 9, radius + hand.vary(0.02, 0.08), 0.5 + hand.vary(-0.06, 0.06), chance=0.82)


def wheel(hand: Hand) -> None:
    """A rim, spokes, and often a hub."""
    hand.arc(0.5, 0.5, 0.5, 0.5)
    hub = hand.vary(0.05, 0.16)
    hand.arc(0.5, 0.5, hub, hub, k=8, chance=0.75)
    _spokes(hand, 7, hub, np.full(hand.drawings, 0.48), chance=0.75)


def _spokes(hand: Hand, most: int, inner: Array, outer: Array, chance: float) -> None:
    turned = hand.vary(0, 2 * np.pi)
    for number in range(most):
        angle = turned + 2 * np.pi * number / most + hand.vary(-0.12, 0.12)
        c, s = np.cos(angle), np.sin(angle)
        hand.path((0.5 + inner * c, 0.5 + inner * s), (0.5 + outer * c, 0.5 + outer * s), chance=chance)


def _box(hand: Hand, left: Any, top: Any, right: Any, bottom: Any) -> None:
    gap = hand.vary(-0.03, 0.05)
    hand.path((left, top), (right, top), (right, bottom), (left, bottom), (left + gap, top + gap))


def square(hand: Hand) -> None:
    """Four sides."""
    _box(hand, 0, hand.vary(0, 0.1), 1, 1)


def envelope(hand: Hand) -> None:
    """A wide box with a flap, a quarter of them with the lower folds."""
    top = hand.vary(0.15, 0.4)
    _box(hand, 0, top, 1, 1)
    hand.path((0, top), (0.5, top + hand.vary(0.2, 0.45) * (1 - top) / 0.6), (1, top), chance=0.96)
    both = hand.rng.random(hand.drawings) < 0.25
    for x in (0.0, 1.0):
        hand.path((x, 1), (0.5 + 0.15 * (x - 0.5), 0.65))
        hand.strokes[-1].present &= both


def door(hand: Hand) -> None:
    """A tall box with a knob and sometimes panels."""
    side = hand.vary(0.15, 0.3)
    _box(hand, side, 0, 1 - side, 1)
    hand.arc(0.9 - side, hand.vary(0.45, 0.6), 0.035, 0.035, k=6, chance=0.85)
    for top, bottom in ((0.08, 0.42), (0.58, 0.92)):
        hand.path(*((side + 0.1 + u * (0.8 - 2 * side), top + v * (bottom - top)) for u, v in _UNIT_BOX), chance=0.25)


_UNIT_BOX = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))


def house(hand: Hand) -> None:
    """A box under a roof, often with a door and a window."""
    eaves = hand.vary(0.35, 0.5)
    _box(hand, 0.05, eaves, 0.95, 1)
    hand.path((0, eaves), (0.5, 0), (1, eaves), chance=0.97)
    hand.path((0.4, 1), (0.4, 0.7), (0.6, 0.7), (0.6, 1), chance=0.6)
    hand.path(*((0.68 + 0.15 * u, 0.58 + 0.15 * v) for u, v in _UNIT_BOX), chance=0.3)


def tent(hand: Hand) -> None:
    """A triangle with the flaps of its entrance."""
    top = hand.vary(0, 0.15)
    hand.path((0.5, top), (0, 1), (1, 1), (0.5, top))
    hand.path((0.5, top), (hand.vary(0.3, 0.45), 1), chance=0.8)
    hand.path((0.5, top), (hand.vary(0.55, 0.7), 1), chance=0.7)


def triangle(hand: Hand) -> None:
    """Three sides."""
    hand.path((hand.vary(0.35, 0.65), hand.vary(0, 0.15)), (1, 1), (0, hand.vary(0.93, 1)), (0.5, 0.03))


CATEGORIES: dict[str, Callable[[Hand], None]] = {
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
"""Category (a name of Quick, Draw!'s own) → what draws it."""
