"""Sample paintings: landscapes and still lifes, rendered in brush strokes.

Stroke-based rendering from coarse to fine (Hertzmann, Painterly Rendering with Curved Brush Strokes of Multiple Sizes,
1998), in a palette of a few strong colours, with the relief of thick paint.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from atelier.data.samples import landscapes, scenes
from atelier.data.samples.noise import Array, Random, blend, finish, floats, fractal, generator

_PALETTES: tuple[tuple[int, ...], ...] = (
    (0x16264D, 0x2C5AA0, 0x6FA8D6, 0xF2C53D, 0xF7E9A0, 0x2E4A36, 0x7A5A2E, 0x0F1626),
    (0xD9A62E, 0xF2D16B, 0x8C6A1F, 0x3F6B4F, 0x9DB66A, 0x5B87B5, 0xF3EBC8, 0x5A3A1E),
    (0x2F5D50, 0x6FA287, 0xC9D9A6, 0xE9E2C0, 0xB5533C, 0x7C8FB5, 0x3A3F5C, 0xE0B64C),
    (0x40291C, 0x6E4A2B, 0xA67C45, 0xD8B777, 0x3C4A3A, 0x6B7A58, 0x1E1712, 0xE6D3A8),
    (0x7FB2C9, 0xBBD9DC, 0xF4EFE0, 0xE8B7A2, 0x8FA870, 0xD47F6A, 0x4F7A94, 0xF0D37C),
    (0x1F3B73, 0xE2652E, 0xF3A73B, 0x274F37, 0x8BB04A, 0xF4E3B2, 0x6B2A2F, 0x5F93C7),
)


class _Strokes(NamedTuple):
    """One layer of strokes: (n, points, 2) as x, y in pixels, (n, 3) colours 0..1, (n,) widths in pixels."""

    paths: Array
    colors: Array
    widths: Array


def paint(seed: int, number: int, side: int) -> NDArray[np.uint8]:
    """Painting `number` of a seed: uint8 (height, width, 3) with this short side; a pure function of all three."""
    rng = generator("painting", seed, number)
    long = round(side * rng.choice([1.0, 1.2, 1.3]))
    size = (long, side) if rng.random() < 0.35 else (side, long)
    subject = landscapes.compose(rng, size) if rng.random() < 0.75 else scenes.compose(rng, size)[0]
    return finish(rng, _render(rng, _in_palette(rng, subject)), grain=0.006)


def _in_palette(rng: Random, subject: Array) -> Array:
    """The subject with more contrast, its colours moved most of the way to the nearest colours of a palette."""
    numbers = np.array(_PALETTES[rng.integers(len(_PALETTES))])
    palette = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=1).astype(np.float32) / 255
    low, high = np.quantile(subject, [0.02, 0.98])
    stretched = np.clip((subject - low) / max(high - low, 1e-3), 0, 1)
    grey = floats([0.3, 0.59, 0.11])
    distance = (stretched[:, :, None] - palette) ** 2 + 1.5 * ((stretched @ grey)[..., None] - palette @ grey)[
        ..., None
    ] ** 2
    weights = np.exp(-distance.sum(axis=3) / rng.uniform(0.02, 0.06))
    mixed = weights @ palette / (weights.sum(axis=2, keepdims=True) + 1e-9)
    return blend(stretched, mixed, rng.uniform(0.7, 0.95))


def _render(rng: Random, subject: Array) -> Array:
    height, width = subject.shape[:2]
    side = min(height, width)
    angle = _directions(rng, subject)
    wide, swing = rng.uniform(0.028, 0.05), rng.uniform(0.05, 0.14)
    ground = floats([0.55, 0.47, 0.36]) * rng.uniform(0.7, 1.2)
    canvas = Image.fromarray((np.clip(blend(subject, ground, 0.5), 0, 1) * 255).astype(np.uint8))
    relief = Image.new("L", (width, height), 96)
    for size, length in ((wide, 7.0), (wide * 0.55, 7.0), (wide * 0.32, 6.0)):
        strokes = _layer(rng, subject, angle, max(1.2, size * side), length, swing)
        _draw(rng, canvas, relief, strokes)
    thickness = np.asarray(relief, np.float32) / 255
    light = np.gradient(thickness, axis=0) + np.gradient(thickness, axis=1)
    weave = 0.02 * np.sin(np.arange(width) * 2.2)[None] * np.sin(np.arange(height) * 2.2)[:, None]
    painted = np.asarray(canvas, np.float32) / 255
    return floats(painted + (rng.uniform(0.12, 0.3) * light - weave)[..., None])


def _directions(rng: Random, subject: Array) -> Array:
    """Direction of the strokes in radians, (height, width): along edges, elsewhere along a field of swirls."""
    size = subject.shape[:2]
    grey = subject @ floats([0.3, 0.59, 0.11])
    small = Image.fromarray(grey).resize((size[1] // 8, size[0] // 8), Image.Resampling.BOX)
    smooth = np.asarray(small.resize((size[1], size[0]), Image.Resampling.BICUBIC))
    down, right = np.gradient(smooth)
    strength = np.hypot(down, right)
    swirl = 2 * np.pi * fractal(rng, size, rng.uniform(1.2, 3), 2, 0.4) * rng.uniform(0.4, 1.6) + rng.uniform(0, np.pi)
    certain = np.clip(strength / (np.quantile(strength, 0.85) + 1e-6), 0, 1)
    # A direction and its opposite are the same here, so the doubled angles are averaged.
    edge = np.arctan2(down, right) + np.pi / 2
    c = certain * np.cos(2 * edge) + (1 - certain) * np.cos(2 * swirl)
    s = certain * np.sin(2 * edge) + (1 - certain) * np.sin(2 * swirl)
    return np.asarray(np.arctan2(s, c) / 2, np.float32)


def _layer(rng: Random, subject: Array, angle: Array, width: float, length: float, swing: float) -> _Strokes:
    """Strokes that cover the image once, `length` widths long, curved along the directions that they cross."""
    height, across = subject.shape[:2]
    step = width * 1.1
    grid = np.stack(np.meshgrid(np.arange(0, across, step * 1.6), np.arange(0, height, step)), axis=-1).reshape(-1, 2)
    at = grid + rng.uniform(-step, step, grid.shape)
    rng.shuffle(at)
    points, before = [at], None
    colors = _pick(subject, at)
    for _ in range(4):
        heading = _pick(angle, at)
        ahead = np.stack([np.cos(heading), np.sin(heading)], axis=1)
        if before is not None:  # of the two opposite directions take the one that does not turn back
            ahead *= np.where((ahead * before).sum(axis=1) < 0, -1, 1)[:, None]
        at = at + ahead * width * length / 4
        before = ahead
        points.append(at)
    vivid = rng.normal(0, swing, (len(at), 1)) + rng.normal(0, swing / 2, (len(at), 3))
    widths = width * rng.uniform(0.7, 1.2, len(at))
    return _Strokes(floats(np.stack(points, axis=1)), floats(np.clip(colors + vivid, 0, 1)), floats(widths))


def _pick(field: Array, at: NDArray[np.floating]) -> Array:
    """The values of a field at (n, 2) points; outside of it, the values at its border."""
    x = np.clip(at[:, 0], 0, field.shape[1] - 1).astype(np.intp)
    y = np.clip(at[:, 1], 0, field.shape[0] - 1).astype(np.intp)
    return np.asarray(field[y, x])


def _draw(rng: Random, canvas: Image.Image, relief: Image.Image, strokes: _Strokes) -> None:
    """Draw the strokes: their colours on the canvas, the thickness of the paint with its furrows on the relief."""
    paint_on, thicken = ImageDraw.Draw(canvas), ImageDraw.Draw(relief)
    colors = (strokes.colors * 255).astype(int).tolist()
    heights = rng.integers(70, 200, len(colors)).tolist()
    paths = strokes.paths.reshape(len(colors), -1)
    offset = np.tile(strokes.widths[:, None] * 0.22, (1, paths.shape[1]))
    beside = (paths + offset).tolist()
    for path, bristle, color, width, height in zip(
        paths.tolist(), beside, colors, strokes.widths.tolist(), heights, strict=True
    ):
        paint_on.line(path, tuple(color), round(width), "curve")
        thicken.line(path, height, round(width), "curve")
        if width > 2.5:
            lighter = tuple(min(255, part + 14) for part in color)
            paint_on.line(bristle, lighter, max(1, round(width * 0.3)))
            thicken.line(bristle, height + 50, max(1, round(width * 0.3)))
