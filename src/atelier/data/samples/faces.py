"""Sample faces: seeded drawings of nobody, whose attributes are drawn at random and can be measured from the image.

Colors make the measurement exact (`face_measures`). The difference of red and blue is the same for every skin and for
the lips, and zero for everything else. The difference of red and green is larger for the mouth than elsewhere. Only the
background is greener than the mean of red and blue. Light and shadow change all channels by the same amount. Sums of
such differences are areas and centers of parts, and stay the same when an image is blurred or reduced. All faces are
upright, in the middle and of one size, so they need no alignment.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from atelier.data.samples.noise import Random, fractal, generator
from atelier.preprocessing.images import ImageArray

SUPERSAMPLING = 8
"""Pixels that are drawn along each side of a pixel: Pillow draws without antialiasing."""
SKIN_RED_BLUE = 70.0
"""Red minus blue of skin and lips."""
SKIN_RED_GREEN = 34.0
MOUTH_RED_GREEN = 105.0
BACKGROUND_GREEN = 40.0
"""Green minus the mean of red and blue, of the background."""
CENTER = (0.5, 0.5)
"""Of the face, as fractions of the side, as all lengths below."""
FACE_WIDTH, FACE_HEIGHT = 0.6, 0.86
EYE_LINE, EYE_WIDTH = 0.42, 0.22
"""The width is a fraction of the face's width."""
MOUTH_LINE, MOUTH_WIDTH = 0.73, 0.42
LIPS = 0.022
"""Thickness of a lip."""
DARKEST_HAIR, LIGHTEST_HAIR, OLDEST = 25.0, 235.0, 90.0
"""Gray levels at birth and at the highest age, in years: hair grays evenly with age."""

Array = NDArray[np.floating]


class Attributes(NamedTuple):
    """What is drawn, in the units of the landmark measures of real faces."""

    age: float
    """Years. Grays the hair, and deepens lines of the forehead and beside the mouth."""
    gender: float
    """0 male, with short hair; 1 female, with long hair."""
    eye_openness: float
    """Height / width of an eye."""
    eye_distance: float
    """Distance of the eye centers / width of the face."""
    mouth_open: float
    """Gap between the lips / width of the mouth."""
    smile: float
    """Lift of the mouth's corners above its center / width of the mouth."""


def attributes(seed: int, number: int) -> Attributes:
    """The attributes of sample face `number`. One standard deviation moves a part by a pixel or more, of 64."""
    rng = generator("attributes", seed, number)
    return Attributes(
        age=round(float(rng.uniform(5, OLDEST)), 1),
        gender=float(rng.random() < 0.5),
        eye_openness=round(float(np.clip(rng.normal(0.34, 0.06), 0.18, 0.5)), 4),
        eye_distance=round(float(np.clip(rng.normal(0.44, 0.03), 0.36, 0.52)), 4),
        mouth_open=round(float(np.clip(rng.normal(0.11, 0.08), 0, 0.3)), 4),
        smile=round(float(np.clip(rng.normal(0.08, 0.12), -0.15, 0.32)), 4),
    )


def paint(seed: int, number: int, side: int) -> ImageArray:
    """Sample face `number`, uint8 (side, side, 3)."""
    return draw(attributes(seed, number), generator("face", seed, number), side)


def draw(wanted: Attributes, rng: Random, side: int) -> ImageArray:
    """A face with these attributes, uint8 (side, side, 3). `rng` decides everything else: skin, light, background."""
    canvas = _Canvas(side * SUPERSAMPLING)
    red = rng.uniform(135, 235)
    skin = (red, red - SKIN_RED_GREEN, red - SKIN_RED_BLUE)
    width = FACE_WIDTH * rng.uniform(0.96, 1.04)
    shade = rng.uniform(50, 190)
    canvas.fill((shade, shade + BACKGROUND_GREEN, shade))
    hair = DARKEST_HAIR + (LIGHTEST_HAIR - DARKEST_HAIR) * wanted.age / OLDEST
    _draw_hair(canvas, wanted.gender, width, hair)
    _draw_head(canvas, skin, width, rng)
    _draw_lines(canvas, skin, wanted.age)
    _draw_eyes(canvas, wanted, width, rng)
    _draw_mouth(canvas, wanted, width)
    drawn = np.asarray(canvas.image.resize((side, side), Image.Resampling.BOX), np.float32)
    lit: ImageArray = np.clip(np.rint(drawn + _light(rng, side)[..., None]), 0, 255).astype(np.uint8)
    return lit


class _Canvas:
    """Draws with fractions of the side instead of pixels."""

    def __init__(self, side: int) -> None:
        self.image, self.side = Image.new("RGB", (side, side)), side
        self._draw = ImageDraw.Draw(self.image)

    def fill(self, color: Sequence[float]) -> None:
        self.image.paste(_rgb(color), (0, 0, self.side, self.side))

    def ellipse(self, x: float, y: float, width: float, height: float, color: Sequence[float]) -> None:
        turn = np.linspace(0, 2 * np.pi, 121)
        self.polygon(x + width / 2 * np.cos(turn), y + height / 2 * np.sin(turn), color)

    def polygon(self, x: Array, y: Array, color: Sequence[float]) -> None:
        points = np.stack([x, y], axis=1) * self.side - 0.5  # whole numbers are the middles of pixels
        self._draw.polygon([(float(a), float(b)) for a, b in points], _rgb(color))

    def line(self, x: Array, y: Array, thickness: float, color: Sequence[float]) -> None:
        points = np.stack([x, y], axis=1) * self.side
        width = max(1, round(thickness * self.side))
        self._draw.line([(float(a), float(b)) for a, b in points], _rgb(color), width, "curve")


def _draw_hair(canvas: _Canvas, gender: float, width: float, level: float) -> None:
    """Gray hair behind the face: a cap, and for women long hair on both sides."""
    gray = (level, level, level)
    canvas.ellipse(CENTER[0], 0.36, width + 0.12, 0.7, gray)
    if gender > 0.5:
        x = np.array([0.12, 0.88, 0.95, 0.95, 0.05, 0.05])
        canvas.polygon(x, np.array([0.36, 0.36, 0.6, 1.0, 1.0, 0.6]), gray)


def _draw_head(canvas: _Canvas, skin: Sequence[float], width: float, rng: Random) -> None:
    x, y = CENTER
    canvas.ellipse(x, 1.0, 0.3, 0.5, _shifted(skin, -22))
    canvas.ellipse(x, y, width, FACE_HEIGHT, skin)
    brow = rng.uniform(-70, -45)
    nose = x + np.array([0.0, 0.03, -0.012])
    canvas.line(nose, np.array([0.47, 0.58, 0.59]), 0.014, _shifted(skin, -26))
    for side in (-1, 1):
        at = x + side * 0.22 * width + np.linspace(-0.065, 0.065, 9)
        arch = 0.335 - 0.012 * np.cos(np.linspace(-np.pi / 2, np.pi / 2, 9))
        canvas.line(at, arch, 0.018, _shifted(skin, brow))


def _draw_lines(canvas: _Canvas, skin: Sequence[float], age: float) -> None:
    """Lines of the forehead and beside the mouth; their depth grows with the age."""
    depth = _shifted(skin, -60 * age / OLDEST)
    x = np.linspace(-0.13, 0.13, 15)
    for y in (0.2, 0.235, 0.27):
        canvas.line(CENTER[0] + x, y - 0.01 * np.cos(x / 0.13 * np.pi / 2), 0.01, depth)
    for side in (-1, 1):
        canvas.line(CENTER[0] + side * np.array([0.08, 0.12, 0.15]), np.array([0.58, 0.62, 0.68]), 0.012, depth)


def _draw_eyes(canvas: _Canvas, wanted: Attributes, width: float, rng: Random) -> None:
    eye = EYE_WIDTH * width
    height = wanted.eye_openness * eye
    white, iris = rng.uniform(225, 250), rng.uniform(25, 70)
    for side in (-1, 1):
        x = CENTER[0] + side * wanted.eye_distance * width / 2
        canvas.ellipse(x, EYE_LINE, eye, height, (white, white, white))
        across = min(0.5 * eye, height)
        canvas.ellipse(x, EYE_LINE, across, across, (iris, iris, iris))


def _draw_mouth(canvas: _Canvas, wanted: Attributes, width: float) -> None:
    """Lips around an opening, both bent by the smile: a vertical shear, which keeps their areas."""
    across = MOUTH_WIDTH * width
    u = np.linspace(-1, 1, 61)
    curve = MOUTH_LINE + wanted.smile * across * (0.5 - u**2)
    bow = np.sqrt(1 - u**2)
    x = CENTER[0] + u * across / 2
    gap = wanted.mouth_open * across / 2
    outline = np.concatenate([x, x[::-1]])
    lips = np.concatenate([curve - (gap + LIPS) * bow, (curve + (gap + LIPS) * bow)[::-1]])
    canvas.polygon(outline, lips, (195, 195 - MOUTH_RED_GREEN, 195 - SKIN_RED_BLUE))
    if gap > 0:
        opening = np.concatenate([curve - gap * bow, (curve + gap * bow)[::-1]])
        canvas.polygon(outline, opening, (115, 115 - MOUTH_RED_GREEN, 115))


def _light(rng: Random, side: int) -> Array:
    """Light from a side and a soft texture, (side, side), in gray levels."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    texture = fractal(rng, (side, side), 6, 3) - 0.5
    return np.asarray(rng.uniform(0, 10) * (x * np.cos(turn) + y * np.sin(turn)) + 6 * texture, np.float32)


def _shifted(color: Sequence[float], by: float) -> tuple[float, ...]:
    """All channels changed by the same amount, as far as none leaves 0..255: their differences stay."""
    by = max(by, -min(color))
    return tuple(channel + by for channel in color)


def _rgb(color: Sequence[float]) -> tuple[int, int, int]:
    red, green, blue = (int(np.clip(round(channel), 0, 255)) for channel in color)
    return red, green, blue
