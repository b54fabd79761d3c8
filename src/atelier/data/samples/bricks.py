"""Sample photos of toy bricks: simple seeded renders in several colours, angles, lights and backgrounds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from atelier.data.samples.noise import Array, Random, floats, fractal
from atelier.preprocessing.images import ImageArray

PLATE = 0.4
"""Height of a plate, in units of one stud's distance. A brick is three times as high."""
STUD_HEIGHT, STUD_RADIUS = 0.2, 0.3
_SUPERSAMPLING = 2
_COLORS = ((190, 30, 40), (30, 90, 170), (240, 195, 40), (35, 130, 70), (225, 225, 220), (60, 60, 65), (235, 120, 35))
_TABLES = ((205, 190, 165), (120, 125, 130), (70, 95, 80), (225, 225, 225), (150, 110, 80))


class Kind(NamedTuple):
    """One class of bricks: studs along and across, and the height in plates."""

    name: str
    length: int
    width: int
    plates: int


KINDS = (
    Kind("brick 1x1", 1, 1, 3),
    Kind("brick 1x2", 2, 1, 3),
    Kind("brick 2x2", 2, 2, 3),
    Kind("brick 2x4", 4, 2, 3),
    Kind("plate 1x2", 2, 1, 1),
    Kind("plate 2x2", 2, 2, 1),
)


def file_name(number: int) -> str:
    """The path of a sample photo: its class is the folder."""
    return f"{KINDS[number % len(KINDS)].name}/{number:06d}.jpg"


def paint(seed: int, number: int, side: int) -> ImageArray:
    """Sample photo `number`, uint8 (side, side, 3), of the class that `file_name` says."""
    rng = np.random.default_rng((seed, number))
    kind, size = KINDS[number % len(KINDS)], _SUPERSAMPLING * side
    image = Image.fromarray(_table(rng, size))
    camera = _Camera(rng, kind, size)
    color = floats(_COLORS)[rng.integers(len(_COLORS))] / 255 * rng.uniform(0.85, 1.1)
    _draw_shadow(image, camera, kind, rng)
    _draw_brick(ImageDraw.Draw(image), camera, kind, color)
    image = image.resize((side, side), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.6)))
    noise = rng.normal(0, rng.uniform(1, 5), (side, side, 3))
    return np.clip(np.asarray(image, np.float32) * rng.uniform(0.7, 1.15) + noise, 0, 255).astype(np.uint8)


class _Camera:
    """A camera that looks down on the brick from a random direction. It projects without perspective."""

    def __init__(self, rng: Random, kind: Kind, size: int) -> None:
        turn, tilt = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(25, 60))
        self.right = np.array([np.cos(turn), np.sin(turn), 0])
        self.toward = np.array([np.sin(turn) * np.cos(tilt), -np.cos(turn) * np.cos(tilt), np.sin(tilt)])
        self.up = np.cross(self.toward, self.right)
        self.light = rng.normal(0, 1, 3) * (1, 1, 0) + (0, 0, 1.5)
        self.light /= np.linalg.norm(self.light)
        span = np.hypot(kind.length, kind.width) + kind.plates * PLATE
        self._scale = size * rng.uniform(0.5, 0.72) / max(span, 1.6)
        self._middle = size / 2 + rng.uniform(-0.06, 0.06, 2) * size
        self._center = np.array([kind.length / 2, kind.width / 2, kind.plates * PLATE / 2])

    def project(self, points: Sequence[Sequence[float]] | Array) -> list[tuple[float, float]]:
        """Points (n, 3) → positions on the image, in pixels."""
        away = np.asarray(points, np.float64) - self._center
        across, up = away @ self.right, away @ self.up
        where = self._middle + self._scale * np.stack([across, -up], axis=1)
        return [(float(x), float(y)) for x, y in where]

    def sees(self, normal: Sequence[float]) -> bool:
        return float(np.dot(normal, self.toward)) > 0

    def shade(self, normal: Sequence[float] | Array) -> float:
        """Brightness of a face."""
        return 0.45 + 0.6 * max(0.0, float(np.dot(normal, self.light)))


def _table(rng: Random, size: int) -> ImageArray:
    base = floats(_TABLES)[rng.integers(len(_TABLES))] / 255
    grain = fractal(rng, (size, size), int(rng.integers(3, 9)), 3)[..., None]
    table: ImageArray = np.clip(255 * base * (0.85 + 0.3 * grain), 0, 255).astype(np.uint8)
    return table


def _draw_shadow(image: Image.Image, camera: _Camera, kind: Kind, rng: Random) -> None:
    height = kind.plates * PLATE
    offset = -camera.light[:2] / camera.light[2] * height
    low = [(x, y, 0.0) for x, y in _corners(kind)]
    high = [(x + offset[0], y + offset[1], 0.0) for x, y in _corners(kind)]
    mask = Image.new("L", image.size)
    points = camera.project(low + high)
    for first in range(4):
        second = (first + 1) % 4
        quad = [points[first], points[second], points[4 + second], points[4 + first]]
        ImageDraw.Draw(mask).polygon(quad, int(rng.uniform(90, 150)))
    ImageDraw.Draw(mask).polygon(points[4:], 120)
    mask = mask.filter(ImageFilter.GaussianBlur(image.width / 80))
    image.paste((20, 20, 25), mask=mask)


def _draw_brick(draw: ImageDraw.ImageDraw, camera: _Camera, kind: Kind, color: Array) -> None:
    height = kind.plates * PLATE
    corners = _corners(kind)
    for number, normal in enumerate(((0, -1, 0), (1, 0, 0), (0, 1, 0), (-1, 0, 0))):
        if camera.sees(normal):
            ends = (corners[number], corners[(number + 1) % 4])
            face = [(*end, level) for end, level in zip((*ends, *ends[::-1]), (0, 0, height, height), strict=True)]
            _fill(draw, camera, face, color * camera.shade(normal))
    _fill(draw, camera, [(*corner, height) for corner in corners], color * camera.shade((0, 0, 1)))
    centers = [(x + 0.5, y + 0.5) for x in range(kind.length) for y in range(kind.width)]
    for x, y in sorted(centers, key=lambda center: float(np.dot((*center, 0), camera.toward))):
        _draw_stud(draw, camera, (x, y, height), color)


def _draw_stud(draw: ImageDraw.ImageDraw, camera: _Camera, base: tuple[float, float, float], color: Array) -> None:
    turn = np.linspace(0, 2 * np.pi, 25)
    ring = np.array(base) + STUD_RADIUS * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    top = ring + np.array([0, 0, STUD_HEIGHT])
    for first in range(24):
        middle = (turn[first] + turn[first + 1]) / 2
        normal = (float(np.cos(middle)), float(np.sin(middle)), 0.0)
        if camera.sees(normal):
            side = [ring[first], ring[first + 1], top[first + 1], top[first]]
            _fill(draw, camera, np.array(side), color * camera.shade(normal))
    _fill(draw, camera, top, color * camera.shade((0, 0, 1)) * 1.08)


def _fill(draw: ImageDraw.ImageDraw, camera: _Camera, points: Sequence[Sequence[float]] | Array, color: Array) -> None:
    red, green, blue = np.clip(255 * color, 0, 255).astype(int)
    draw.polygon(camera.project(points), (int(red), int(green), int(blue)))


def _corners(kind: Kind) -> list[tuple[float, float]]:
    return [(0, 0), (kind.length, 0), (kind.length, kind.width), (0, kind.width)]
