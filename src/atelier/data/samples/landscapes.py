"""Sample landscapes: sky, sun and clouds, mountain ridges in haze, and water, a meadow or a forest in front."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from atelier.data.samples.noise import (
    Array,
    Color,
    Random,
    blend,
    finish,
    floats,
    fractal,
    frame,
    generator,
    ridge,
    smoothstep,
)


class _Light(NamedTuple):
    """The colours of a time of day."""

    zenith: Color
    horizon: Color
    sun: Color
    cloud: Color
    strength: float
    """Brightness of the ground."""


_LIGHTS = (
    _Light((0.16, 0.38, 0.72), (0.68, 0.82, 0.93), (1.0, 0.97, 0.85), (0.97, 0.97, 0.98), 1.0),
    _Light((0.30, 0.52, 0.80), (0.88, 0.90, 0.90), (1.0, 0.95, 0.80), (0.93, 0.93, 0.95), 0.95),
    _Light((0.22, 0.26, 0.48), (0.98, 0.62, 0.34), (1.0, 0.82, 0.45), (0.95, 0.52, 0.40), 0.62),
    _Light((0.35, 0.33, 0.55), (0.98, 0.78, 0.66), (1.0, 0.90, 0.75), (0.97, 0.72, 0.70), 0.75),
    _Light((0.52, 0.57, 0.62), (0.78, 0.80, 0.81), (0.86, 0.87, 0.88), (0.63, 0.66, 0.69), 0.7),
    _Light((0.05, 0.07, 0.18), (0.20, 0.26, 0.42), (0.92, 0.93, 0.85), (0.24, 0.27, 0.38), 0.3),
)
_GROUNDS: tuple[tuple[Color, Color], ...] = (
    ((0.30, 0.44, 0.16), (0.55, 0.60, 0.24)),
    ((0.20, 0.34, 0.14), (0.38, 0.50, 0.22)),
    ((0.62, 0.52, 0.22), (0.80, 0.70, 0.36)),
    ((0.70, 0.58, 0.42), (0.86, 0.76, 0.58)),
    ((0.46, 0.34, 0.24), (0.64, 0.48, 0.32)),
    ((0.80, 0.84, 0.90), (0.96, 0.97, 0.99)),
)
_BLOOMS: tuple[Color, ...] = ((0.85, 0.2, 0.25), (0.95, 0.85, 0.25), (0.65, 0.4, 0.8), (0.96, 0.96, 0.94))
_GREENS: tuple[Color, ...] = ((0.10, 0.22, 0.10), (0.16, 0.30, 0.10), (0.42, 0.26, 0.08), (0.20, 0.28, 0.16))
_ROCKS: tuple[Color, ...] = ((0.33, 0.34, 0.36), (0.40, 0.34, 0.29), (0.28, 0.35, 0.30), (0.45, 0.33, 0.26))


def paint(seed: int, number: int, side: int) -> NDArray[np.uint8]:
    """Landscape `number` of a seed: uint8 (height, width, 3) with this short side; a pure function of all three."""
    rng = generator("landscape", seed, number)
    size = frame(rng, side)
    return finish(rng, compose(rng, size))


def compose(rng: Random, size: tuple[int, int]) -> Array:
    """A landscape: float32 (height, width, 3), 0..1."""
    light = _LIGHTS[rng.choice(len(_LIGHTS), p=[0.28, 0.2, 0.16, 0.12, 0.16, 0.08])]
    horizon = rng.uniform(0.38, 0.68)
    image, sun = _sky(rng, size, light, horizon)
    image = _ridges(rng, image, light, horizon, sun)
    kind = rng.choice(["water", "meadow", "forest"], p=[0.35, 0.4, 0.25])
    if kind == "water":
        return _water(rng, image, light, horizon, sun)
    image = _meadow(rng, image, light, horizon)
    return _trees(rng, image, light, horizon, dense=kind == "forest")


def _sky(rng: Random, size: tuple[int, int], light: _Light, horizon: float) -> tuple[Array, float]:
    """Sky with sun and clouds, and the horizontal position of the sun, 0..1."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / min(size)
    down = np.clip(y * min(size) / height / horizon, 0, 1)
    image = blend(np.broadcast_to(floats(light.zenith), (*size, 3)), light.horizon, down**1.4)
    sun_x, sun_y = rng.uniform(0.1, 0.9), horizon * rng.uniform(0.25, 0.95)
    away = np.hypot(x - sun_x * width / min(size), y - sun_y * height / min(size))
    image = blend(image, light.sun, 0.75 * np.exp(-((away / 0.28) ** 1.3)))
    if rng.random() < 0.7:
        image = blend(image, light.sun, smoothstep(0.045, 0.035, away) if light.strength < 0.9 else 0.0)
    thick = fractal(rng, size, rng.uniform(1.5, 4), 6, 0.55, stretch=rng.uniform(1.5, 4))
    cover = smoothstep(rng.uniform(0.46, 0.62), 0.78, thick) * (1 - 0.5 * down)
    shade = np.clip(1.15 - 0.5 * thick, 0, 1)[..., None]
    return blend(image, floats(light.cloud) * shade + 0.12 * floats(light.sun), 0.85 * cover), sun_x


def _ridges(rng: Random, image: Array, light: _Light, horizon: float, sun: float) -> Array:
    """Ridges from far to near, with decreasing haze and increasing relief; sometimes snow on the far ones."""
    height, width = image.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None]
    count, rock = int(rng.integers(1, 5)), floats(_ROCKS[rng.integers(len(_ROCKS))])
    tall, snowy = rng.uniform(0.1, 0.42), rng.random() < 0.35
    for layer in range(count):
        near = (layer + 1) / (count + 0.6)
        rise = tall * (1.1 - 0.7 * near)
        line = height * (horizon - rise * (0.55 + 0.6 * ridge(rng, width, rng.uniform(1.5, 4), 0.48)))
        below = np.clip(rows - line, 0, None) / height
        relief = fractal(rng, (height, width), rng.uniform(4, 8), 5, 0.5, stretch=0.8)
        slope = np.gradient(relief, axis=1) * height * (0.13 if sun < 0.5 else -0.13)
        lit = np.clip(0.75 + slope + 0.7 * (relief - 0.5), 0.25, 1.3) * light.strength
        color = rock * lit[..., None]
        if snowy:
            cap = smoothstep(0.35 * tall + 0.03, 0.1 * tall, below + 0.5 * tall * (relief - 0.5)) * (
                layer < max(1, count - 1)
            )
            color = blend(color, floats([0.93, 0.95, 0.98]) * lit[..., None] * 1.1, cap)
        haze = (1 - near) * 0.85 + 0.15 * smoothstep(0.02, 0.2, below)
        color = blend(color, light.horizon, haze)
        image = blend(image, color, np.clip(rows - line + 0.5, 0, 1))
    return image


def _water(rng: Random, image: Array, light: _Light, horizon: float, sun: float) -> Array:
    """Water that reflects the image above it, with ripples that grow towards the viewer."""
    height, width = image.shape[:2]
    shore = int(horizon * height)
    depth = np.arange(height - shore, dtype=np.float32)[:, None]
    near = depth / max(1, height - shore)
    waves = fractal(rng, (height - shore, width), 14, 4, 0.6, stretch=5) - 0.5
    rows = np.clip(shore - 1 - depth * 0.85 + waves * (4 + 34 * near), 0, shore - 1).astype(np.intp)
    columns = np.clip(np.arange(width)[None] + waves[::-1] * 26 * near, 0, width - 1).astype(np.intp)
    tint = floats(rng.choice([(0.10, 0.24, 0.32), (0.08, 0.30, 0.34), (0.14, 0.20, 0.30)])) * (0.4 + light.strength)
    mirrored = blend(image[rows, columns], tint, 0.25 + 0.35 * near)
    across = np.abs(np.arange(width, dtype=np.float32)[None] / width - sun)
    glitter = smoothstep(0.10, 0.28, waves) * np.exp(-((across / (0.06 + 0.2 * near)) ** 2))
    result = image.copy()
    result[shore:] = blend(mirrored + 0.25 * waves[..., None] * near[..., None], light.sun, 0.8 * glitter)
    return result


def _meadow(rng: Random, image: Array, light: _Light, horizon: float) -> Array:
    """Rolling ground with patches, grass that becomes coarser towards the viewer, and sometimes flowers and a path."""
    height, width = image.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None]
    dark, bright = (floats(c) for c in _GROUNDS[rng.choice(len(_GROUNDS), p=[0.3, 0.25, 0.15, 0.1, 0.1, 0.1])])
    line = height * (horizon + 0.03 * ridge(rng, width, 1.5, 0.35))
    near = np.clip((rows - line) / (height - line), 0, 1)
    patches = fractal(rng, (height, width), 4, 4, 0.55, stretch=4)
    grass = fractal(rng, (height, width), 28, 2, 0.7, stretch=0.35) - 0.5
    mixture = np.clip(1.6 * (patches - 0.3) + 0.9 * grass * near, 0, 1)
    ground = blend(np.broadcast_to(dark, image.shape), bright, mixture) * (0.25 + 0.75 * light.strength)
    ground = ground * (1 + 0.6 * grass * (0.3 + near))[..., None]
    ground = blend(ground, light.horizon, 0.45 * (1 - near) ** 3)
    if rng.random() < 0.35:
        petals = rng.random((height, width)) < 0.05 * smoothstep(0.45, 0.65, patches) * (0.2 + near)
        bloom = floats(_BLOOMS[rng.integers(len(_BLOOMS))])
        ground = blend(ground, bloom * light.strength, 0.85 * petals)
    if rng.random() < 0.4:
        middle = rng.uniform(0.25, 0.75) + 0.22 * (1 - near) * np.sin(near * rng.uniform(3, 7) + rng.uniform(0, 6))
        across = np.abs(np.arange(width, dtype=np.float32)[None] / width - middle)
        path = floats([0.68, 0.58, 0.45]) * (0.25 + 0.75 * light.strength) * (1 + 0.4 * grass)[..., None]
        ground = blend(ground, path, smoothstep(0.02 + 0.1 * near.max(), 0.0, across / (0.05 + near) * 0.12))
    return blend(image, ground, np.clip(rows - line + 0.5, 0, 1))


def _trees(rng: Random, image: Array, light: _Light, horizon: float, dense: bool) -> Array:
    """Trees from far to near, conifers or round crowns, lit from one side."""
    height, width = image.shape[:2]
    conifers, count = rng.random() < 0.5, int(rng.integers(26, 60)) if dense else int(rng.integers(0, 6))
    green = floats(_GREENS[rng.integers(len(_GREENS))])
    speckle = fractal(rng, (height, width), 22, 3, 0.8)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
    for foot in np.sort(rng.beta(1, 3.5, count)):
        base = horizon + 0.01 + (0.97 - horizon) * foot
        tall = (0.07 + 0.42 * foot) * rng.uniform(0.7, 1.3)
        middle = rng.uniform(0, width / height)
        up, out = (base - y) / tall, (x - middle) / tall
        if conifers:
            crown = (
                smoothstep(0.02, -0.02, np.abs(out) - 0.24 * (1 - up) * (0.75 + 0.5 * speckle)) * (up > 0.08) * (up < 1)
            )
        else:
            crown = smoothstep(0.05, -0.02, np.hypot(out * 1.15, up - 0.68) - 0.27 - 0.16 * (speckle - 0.5))
        trunk = (np.abs(out) < 0.025) & (up > 0) & (up < 0.5)
        color = (
            green
            * (0.55 + 1.5 * speckle * np.clip(0.75 - out + 0.4 * up, 0.2, 1.6))[..., None]
            * (0.2 + light.strength)
        )
        color = blend(color, light.horizon, 0.5 * (1 - foot) ** 4)
        image = blend(image, floats([0.2, 0.14, 0.1]) * (0.2 + light.strength), 0.9 * trunk)
        image = blend(image, color, crown)
    return image
