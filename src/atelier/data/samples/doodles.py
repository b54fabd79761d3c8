"""Sample drawings, made from a seed in the simplified `.ndjson` format, so that everything runs offline.

The strokes of `doodle_categories` are varied as people vary theirs: wobbly lines, a tilted and stretched drawing,
missing strokes, either direction, any order, and sometimes a scribble.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from atelier.data.samples.doodle_categories import CATEGORIES, Array, Canvas, Stroke

VERSION = 1
"""Increase it when the same word and seed give other drawings than before."""
CHUNK = 500
"""Number of drawings that are made together. Another number gives other drawings for the same seed."""


def draw_lines(word: str, items: int, seed: int) -> Iterator[bytes]:
    """Yield `items` lines of `<word>.ndjson`; a pure function of word and seed."""
    for chunk in range(-(-items // CHUNK)):
        rng = np.random.default_rng([seed, chunk, *word.encode()])
        for number, (drawing, recognised) in enumerate(draw(word, rng)):
            serial = chunk * CHUNK + number
            if serial < items:
                yield _line(word, serial, drawing, recognised)


def draw(word: str, rng: np.random.Generator) -> Iterator[tuple[list[Any], bool]]:
    """Yield `CHUNK` drawings in simplified form, each with whether the game recognises it."""
    canvas = Canvas(rng, CHUNK)
    CATEGORIES[word](canvas)
    careless = rng.random(CHUNK) < 0.04  # has missing strokes and a scribble, and is not recognised
    _scribble(canvas, careless)
    for stroke in canvas.strokes:
        stroke.points = _wobble(rng, stroke.points)
        stroke.present &= ~careless | (rng.random(CHUNK) < 0.6)
    canvas.strokes[0].present |= ~np.any([stroke.present for stroke in canvas.strokes], axis=0)
    _tilt(rng, canvas.strokes)
    simplified = _to_simplified(canvas.strokes)
    order = rng.random((CHUNK, len(simplified))).argsort(axis=1) * (rng.random((CHUNK, 1)) < 0.3)
    order = np.argsort(order, axis=1, kind="stable")  # most people draw the outline first
    backwards = rng.random((CHUNK, len(simplified))) < 0.2
    for number in range(CHUNK):
        strokes = [
            simplified[k][number][:, ::-1].tolist() if backwards[number, k] else simplified[k][number].tolist()
            for k in order[number]
            if canvas.strokes[k].present[number]
        ]
        yield strokes, not careless[number]


def _scribble(canvas: Canvas, careless: NDArray[np.bool_]) -> None:
    """A scribble in 8 % of the drawings and in every careless one."""
    x, y = canvas.uniform(0.1, 0.9), canvas.uniform(0.1, 0.9)
    steps = canvas.rng.normal(0, 0.12, (2, 4, canvas.drawings)).cumsum(axis=1)
    canvas.path(*((x + steps[0, i], y + steps[1, i]) for i in range(4)), probability=0.08)
    canvas.strokes[-1].present |= careless


def _wobble(rng: np.random.Generator, points: Array) -> Array:
    """Wobbly lines: straight lines get points in their middles, then a smooth and a random offset move all points."""
    drawings, _, k = points.shape
    if k <= 5:
        at = np.arange(2 * k - 1) / 2
        before, after = points[:, :, np.floor(at).astype(int)], points[:, :, np.ceil(at).astype(int)]
        points = (before + after) / 2
    extent = np.ptp(points, axis=2).max(axis=1)[:, None, None]
    along = np.linspace(0, 1, points.shape[2])
    phase = rng.uniform(0, 2 * np.pi, (drawings, 2, 1))
    sway = np.sin(2 * np.pi * rng.uniform(0.5, 1.6, (drawings, 2, 1)) * along + phase)
    amplitude = rng.uniform(0, 0.045, (drawings, 1, 1)) * extent
    shake = rng.normal(0, 0.012, points.shape) * np.minimum(extent, 0.6)
    misplaced = rng.normal(0, 0.02, (drawings, 2, 1))
    return np.asarray(points + amplitude * sway + shake + misplaced)


def _tilt(rng: np.random.Generator, strokes: list[Stroke]) -> None:
    """Rotate, shear and stretch each drawing."""
    drawings = len(strokes[0].points)
    angle, lean = rng.normal(0, 0.13, drawings), rng.normal(0, 0.1, drawings)
    width, height = np.exp(rng.normal(0, 0.14, (2, drawings)))
    c, s = np.cos(angle), np.sin(angle)
    matrix = np.stack([np.stack([c * width, (lean - s) * height]), np.stack([s * width, c * height])])
    for stroke in strokes:
        stroke.points = np.einsum("ijn,njk->nik", matrix, stroke.points)


def _to_simplified(strokes: list[Stroke]) -> list[NDArray[np.int64]]:
    """Integer coordinates in 0..255, each drawing aligned to the top left by the strokes that it has."""
    absent = [~stroke.present[:, None] for stroke in strokes]
    low = np.min([np.where(n, np.inf, s.points.min(axis=2)) for n, s in zip(absent, strokes, strict=True)], axis=0)
    high = np.max([np.where(n, -np.inf, s.points.max(axis=2)) for n, s in zip(absent, strokes, strict=True)], axis=0)
    scale = 255 / (high - low).max(axis=1)
    return [np.rint((stroke.points - low[:, :, None]) * scale[:, None, None]).astype(np.int64) for stroke in strokes]


def _line(word: str, serial: int, drawing: list[Any], recognised: bool) -> bytes:
    minutes, seconds = divmod(serial, 60)
    hours, minutes = divmod(minutes, 60)
    day, hours = divmod(hours, 24)
    entry = {
        "word": word,
        "countrycode": _COUNTRIES[serial % len(_COUNTRIES)],
        "timestamp": f"2017-03-{day % 28 + 1:02d} {hours:02d}:{minutes:02d}:{seconds:02d}.00000 UTC",
        "recognized": recognised,
        "key_id": f"{5_000_000_000_000_000 + serial}",
        "drawing": drawing,
    }
    return orjson.dumps(entry) + b"\n"


_COUNTRIES = ("US", "GB", "DE", "FR", "CZ", "JP", "BR", "SA", "KR", "SE")
