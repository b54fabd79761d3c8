"""Noise that resembles natural textures, and other helpers of the sample images."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.preprocessing.images import ImageArray

Array = NDArray[np.float32]
Color = tuple[float, float, float]
"""RGB, 0..1."""
Random = np.random.Generator


def generator(kind: str, seed: int, number: int) -> Random:
    """The random generator of one image, independent of all other images."""
    return np.random.default_rng([seed, number, *kind.encode()])


def frame(rng: Random, side: int) -> tuple[int, int]:
    """(height, width) of an image with this short side, mostly in landscape format."""
    long = round(side * rng.choice([1.0, 1.25, 4 / 3, 1.5, 16 / 9]))
    return (long, side) if rng.random() < 0.15 else (side, long)


def fractal(
    rng: Random, size: tuple[int, int], cells: float = 3, octaves: int = 5, roughness: float = 0.5, stretch: float = 1
) -> Array:
    """Value noise (height, width), about 0..1: octaves of smooth random grids, each finer and weaker.

    Parameters
    ----------
    cells
        Grid cells along the shorter side in the coarsest octave.
    roughness
        Weight of each octave relative to the one before.
    stretch
        Ratio of width to height of its shapes.
    """
    height, width = size
    total, weight, sum_of_weights = np.zeros(size, np.float32), 1.0, 0.0
    for octave in range(octaves):
        scale = cells * 2**octave / min(size)
        grid = (min(height, 2 + round(height * scale)), min(width, 2 + round(width * scale / stretch)))
        coarse = Image.fromarray(rng.random(grid, dtype=np.float32))
        total += weight * np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
        sum_of_weights += weight
        weight *= roughness
    return total / sum_of_weights


def ridge(rng: Random, width: int, cells: float, roughness: float = 0.5) -> Array:
    """A skyline (width,), about -1..1."""
    line, weight = np.zeros(width), 1.0
    for octave in range(7):
        points = rng.uniform(-1, 1, 2 + round(cells * 2**octave)).astype(np.float32)
        line += weight * np.interp(np.linspace(0, len(points) - 1, width), np.arange(len(points)), points)
        weight *= roughness
    return (line * (1 - roughness)).astype(np.float32)


def floats(values: Any) -> Array:
    """Colours or positions as float32."""
    return np.asarray(values, np.float32)


def blend(under: Array, over: Any, opacity: Any) -> Array:
    """`over` (a colour or an image) on `under` (h, w, 3), with opacity (h, w) or a number."""
    alpha = np.asarray(opacity, np.float32)
    alpha = alpha[..., None] if alpha.ndim == 2 else alpha
    return np.asarray(under + alpha * (np.asarray(over, np.float32) - under), np.float32)


def smoothstep(low: float, high: float, value: Any) -> Array:
    """0 below `low`, 1 above `high`, smooth in between."""
    t = np.clip((np.asarray(value, np.float32) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def finish(rng: Random, image: Array, grain: float = 0.008) -> NDArray[np.uint8]:
    """Add the grain of a camera, and convert 0..1 to uint8."""
    noisy = image + rng.normal(0, grain, image.shape[:2]).astype(np.float32)[..., None]
    return np.asarray(np.rint(np.clip(noisy, 0, 1) * 255), np.uint8)


VERSION = 1
"""Increase it when the same seed gives other images than before."""


def encode(image: ImageArray) -> bytes:
    """A JPEG file, as cameras and museums publish them."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", quality=92)
    return out.getvalue()
