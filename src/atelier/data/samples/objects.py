"""The objects of the sample scenes: categories of COCO, each with an outline and a shading."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from atelier.data.samples.noise import Array, Color, Random, floats, fractal, smoothstep

_SUPERSAMPLING = 3


class Thing(NamedTuple):
    """One kind of object."""

    category: int
    """Its id in COCO."""
    name: str
    supercategory: str
    outline: Callable[[Random], Array]
    """Points (n, 2) of its outline, about -1..1, y down."""
    shade: Callable[[Random, Array, Array], Array]
    """Colours (h, w, 3), 0..1, at positions x and y (h, w), about -1..1."""
    flies: bool = False
    """Whether it is drawn above the ground, without a shadow."""


def ball(rng: Random) -> Array:
    """A circle, slightly flattened."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return np.stack([np.cos(turn), np.sin(turn) * rng.uniform(0.92, 1)], axis=1)


def octagon(_rng: Random) -> Array:
    """A regular octagon with a flat top."""
    turn = np.arange(8) * np.pi / 4 + np.pi / 8
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def kite(rng: Random) -> Array:
    """A kite, tilted by the wind."""
    angle, wide = rng.uniform(-0.6, 0.6), rng.uniform(0.5, 0.75)
    points = np.array([(0, -1), (wide, -0.2), (0, 1), (-wide, -0.2)])
    return np.asarray(points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]))


def vase(rng: Random) -> Array:
    """A symmetric profile of foot, belly, neck and lip."""
    down = np.linspace(-1, 1, 24)
    belly, where = rng.uniform(0.5, 0.7), rng.uniform(0, 0.5)
    half = 0.2 + belly * np.exp(-(((down - where) / 0.45) ** 2)) + 0.12 * np.exp(-(((down + 1) / 0.12) ** 2))
    return np.concatenate([np.stack([half, down], axis=1), np.stack([-half, down], axis=1)[::-1]])


def bowl(rng: Random) -> Array:
    """A half circle with a rim seen from above."""
    turn = np.linspace(0, np.pi, 24)
    under = np.stack([np.cos(turn), np.sin(turn) ** rng.uniform(0.6, 0.9) * 0.9 - 0.3], axis=1)
    rim = np.stack([-np.cos(turn), -0.3 - 0.16 * np.sin(turn)], axis=1)
    return np.concatenate([under, rim[1:-1]])


def book(rng: Random) -> Array:
    """A leaning cover."""
    lean, wide = rng.uniform(-0.25, 0.25), rng.uniform(0.55, 0.8)
    return np.array([(-wide + lean, -1), (wide + lean, -1), (wide, 1), (-wide, 1)])


def boat(rng: Random) -> Array:
    """A hull and a sail."""
    mast = rng.uniform(-0.2, 0.1)
    sail = [(mast, -1.0), (mast + 0.75, 0.35), (mast + 0.05, 0.35)]
    return np.array([*sail, (mast + 0.05, 0.5), (0.95, 0.5), (0.6, 0.95), (-0.65, 0.95), (-0.95, 0.5), (mast, 0.5)])


def umbrella(_rng: Random) -> Array:
    """An open umbrella with its stick."""
    turn = np.linspace(np.pi, 2 * np.pi, 24)
    top = np.stack([np.cos(turn), np.sin(turn) * 0.8 + 0.1], axis=1)
    return np.concatenate(
        [top, np.array([(0.5, 0.0), (0.05, 0.08), (0.05, 1), (-0.05, 1), (-0.05, 0.08), (-0.5, 0.0)])]
    )


def round_light(x: Array, y: Array) -> Array:
    """Brightness of a sphere that is lit from the upper left."""
    depth = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    return np.asarray(0.35 + 0.75 * np.clip(-0.5 * x - 0.55 * y + 0.67 * depth, 0, 1))


def shiny(colors: tuple[Color, ...], pattern: str = "plain") -> Callable[[Random, Array, Array], Array]:
    """A round body in two of the colours: `plain`, `stripes`, `panels` or `spots`."""

    def shade(rng: Random, x: Array, y: Array) -> Array:
        first, second = (floats(colors[k]) for k in rng.permutation(len(colors))[:2])
        where = {
            "plain": 0.3 * fractal(rng, x.shape, 4, 3),
            "stripes": np.sin((x * rng.uniform(-0.5, 0.5) + y) * rng.uniform(6, 14)) > 0.2,
            "panels": np.sin(5 * x + 3 * np.sin(3 * y)) * np.sin(5 * y) > 0,
            "spots": fractal(rng, x.shape, 6, 2) > 0.6,
        }[pattern].astype(np.float32)[..., None]
        surface = first + where * (second - first)
        gloss = 0.6 * np.exp(-((x + 0.35) ** 2 + (y + 0.4) ** 2) / 0.03)
        return np.asarray(surface * round_light(x, y)[..., None] + gloss[..., None], np.float32)

    return shade


def flat(colors: tuple[Color, ...]) -> Callable[[Random, Array, Array], Array]:
    """Cloth, paper or planks: areas of several colours, slightly uneven."""

    def shade(rng: Random, x: Array, y: Array) -> Array:
        chosen = floats(colors)[rng.permutation(len(colors))]
        field = ((x * rng.choice([1.5, -1.5]) + y * rng.uniform(1, 2) + 8) * rng.uniform(0.7, 1.4)).astype(np.intp)
        uneven = 0.8 + 0.4 * fractal(rng, x.shape, 3, 4)
        return np.asarray(chosen[field % len(chosen)] * uneven[..., None], np.float32)

    return shade


def dial(rng: Random, x: Array, y: Array) -> Array:
    """A clock's face: rim, twelve marks and two hands."""
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    face = np.where(radius < 0.85, 0.95, 0.18)
    face = np.where((radius > 0.68) & (radius < 0.8) & (np.cos(12 * angle) > 0.85), 0.12, face)
    for length, width in ((0.65, 0.035), (0.42, 0.055)):
        turn = rng.uniform(0, 2 * np.pi)
        along, off = x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)
        face = np.where((along > -0.1) & (along < length) & (np.abs(off) < width), 0.08, face)
    tint = floats([1, 0.98, 0.93]) * (0.9 + 0.1 * round_light(x, y))[..., None]
    return np.asarray(face[..., None] * tint, np.float32)


def sign(_rng: Random, x: Array, y: Array) -> Array:
    """A stop sign: white rim and bar on red."""
    radius = np.max([np.abs(x), np.abs(y), (np.abs(x) + np.abs(y)) / np.sqrt(2)], axis=0)
    white = (radius > 0.8) | ((np.abs(y) < 0.14) & (np.abs(x) < 0.6) & (np.sin(x * 22) > -0.6))
    red = floats([0.75, 0.08, 0.1])
    return np.asarray(np.where(white[..., None], floats([0.95, 0.94, 0.92]), red), np.float32)


def ring(rng: Random, x: Array, y: Array) -> Array:
    """A donut from above: icing with sprinkles, dough at the edges, and a dark hole."""
    radius = np.hypot(x, y)
    tube = np.clip(1 - ((radius - 0.65) / 0.36) ** 2, 0, 1)
    icing = floats([(0.93, 0.55, 0.68), (0.36, 0.2, 0.12), (0.95, 0.9, 0.82)][rng.integers(3)])
    edge = 0.86 + 0.1 * np.sin(np.arctan2(y, x) * rng.integers(5, 9))
    color = np.where((radius < edge)[..., None] & (radius > 0.38)[..., None], icing, floats([0.8, 0.58, 0.32]))
    sprinkles = (fractal(rng, x.shape, 16, 1) > 0.8) & (radius < edge)
    color = np.where(sprinkles[..., None], rng.random(3).astype(np.float32), color)
    hole = smoothstep(0.34, 0.26, radius)[..., None]
    return np.asarray(color * (0.55 + 0.5 * np.sqrt(tube))[..., None] * (1 - hole) + 0.16 * hole, np.float32)


_WHITE: Color = (0.95, 0.95, 0.92)
_BRIGHT: tuple[Color, ...] = ((0.85, 0.15, 0.15), (0.15, 0.35, 0.75), (0.95, 0.8, 0.2), (0.2, 0.6, 0.3), _WHITE)
_ORANGE: tuple[Color, ...] = ((0.95, 0.55, 0.1), (0.9, 0.45, 0.05))
_APPLE: tuple[Color, ...] = ((0.75, 0.1, 0.1), (0.6, 0.7, 0.2), (0.85, 0.7, 0.25))
_CLAY: tuple[Color, ...] = ((0.7, 0.4, 0.25), (0.25, 0.4, 0.6), (0.9, 0.87, 0.8), (0.3, 0.5, 0.45))
_COVERS: tuple[Color, ...] = ((0.5, 0.12, 0.14), (0.14, 0.25, 0.4), (0.85, 0.78, 0.62), (0.2, 0.36, 0.25))

THINGS = (
    Thing(9, "boat", "vehicle", boat, flat(((0.93, 0.92, 0.88), (0.65, 0.2, 0.15), (0.3, 0.2, 0.15)))),
    Thing(13, "stop sign", "outdoor", octagon, sign),
    Thing(28, "umbrella", "accessory", umbrella, flat(_BRIGHT)),
    Thing(37, "sports ball", "sports", ball, shiny(_BRIGHT, "panels")),
    Thing(38, "kite", "sports", kite, flat(_BRIGHT), flies=True),
    Thing(51, "bowl", "kitchen", bowl, shiny(_CLAY, "stripes")),
    Thing(53, "apple", "food", ball, shiny(_APPLE)),
    Thing(55, "orange", "food", ball, shiny(_ORANGE, "spots")),
    Thing(60, "donut", "food", ball, ring),
    Thing(84, "book", "indoor", book, flat(_COVERS)),
    Thing(85, "clock", "indoor", ball, dial, flies=True),
    Thing(86, "vase", "indoor", vase, shiny(_CLAY, "stripes")),
)


def mask(points: Array, size: tuple[int, int]) -> Array:
    """Coverage of each pixel by a polygon (n, 2), in pixels: float32 (height, width), 0..1."""
    height, width = size
    large = Image.new("L", (width * _SUPERSAMPLING, height * _SUPERSAMPLING))
    ImageDraw.Draw(large).polygon((points * _SUPERSAMPLING).ravel().tolist(), fill=255)
    return floats(np.asarray(large.resize((width, height), Image.Resampling.BOX)) / 255)
