"""Sample data: seeded drawings in the exact simplified `.ndjson` format, so that everything runs offline.

The strokes of `sample_categories` are made human: an unsteady hand, a tilted and squeezed page, strokes left out, begun
at either end and in any order, a scribble now and then.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from atelier.data.samples.doodle_categories import CATEGORIES, Array, Hand, Stroke

VERSION = 1
"""Raise it when the same word and seed give other drawings than before."""
CHUNK = 500
"""Drawings made together; part of what a seed means."""


def draw_lines(word: str, items: int, seed: int) -> Iterator[bytes]:
    """`items` lines of `<word>.ndjson`; a pure function of word and seed, whatever else is drawn."""
    for chunk in range(-(-items // CHUNK)):
        rng = np.random.default_rng([seed, chunk, *word.encode()])
        for number, (drawing, recognised) in enumerate(draw(word, rng)):
            serial = chunk * CHUNK + number
            if serial < items:
                yield _line(word, serial, drawing, recognised)


def draw(word: str, rng: np.random.Generator) -> Iterator[tuple[list[Any], bool]]:
    """`CHUNK` drawings in simplified form, each with whether the game would have recognised it."""
    hand = Hand(rng, CHUNK)
    CATEGORIES[word](hand)
    careless = rng.random(CHUNK) < 0.04  # loses strokes, scribbles: seldom recognised
    _scribble(hand, careless)
    for stroke in hand.strokes:
        stroke.points = _wobble(rng, stroke.points)
        stroke.present &= ~careless | (rng.random(CHUNK) < 0.6)
    hand.strokes[0].present |= ~np.any([stroke.present for stroke in hand.strokes], axis=0)
    _tilt(rng, hand.strokes)
    whole = _to_simplified(hand.strokes)
    order = rng.random((CHUNK, len(whole))).argsort(axis=1) * (rng.random((CHUNK, 1)) < 0.3)
    order = np.argsort(order, axis=1, kind="stable")  # most people draw the outline first
    backwards = rng.random((CHUNK, len(whole))) < 0.2
    for number in range(CHUNK):
        strokes = [
            whole[k][number][:, ::-1].tolist() if backwards[number, k] else whole[k][number].tolist()
            for k in order[number]
            if hand.strokes[k].present[number]
        ]
        yield strokes, not careless[number]


def _scribble(hand: Hand, careless: NDArray[np.bool_]) -> None:
    """A stray line, as every twelfth person leaves one, and every careless one."""
    x, y = hand.vary(0.1, 0.9), hand.vary(0.1, 0.9)
    steps = hand.rng.normal(0, 0.12, (2, 4, hand.drawings)).cumsum(axis=1)
    hand.path(*((x + steps[0, i], y + steps[1, i]) for i in range(4)), chance=0.08)
    hand.strokes[-1].present |= careless


def _wobble(rng: np.random.Generator, points: Array) -> Array:
    """An unsteady hand: straight sides gain a point in their middle, and all points sway together and each alone."""
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
    """Turn, lean and squeeze each drawing as a whole."""
    drawings = len(strokes[0].points)
    angle, lean = rng.normal(0, 0.13, drawings), rng.normal(0, 0.1, drawings)
    width, height = np.exp(rng.normal(0, 0.14, (2, drawings)))
    c, s = np.cos(angle), np.sin(angle)
    matrix = np.stack([np.stack([c * width, (lean - s) * height]), np.stack([s * width, c * height])])
    for stroke in strokes:
        stroke.points = np.einsum("ijn,njk->nik", matrix, stroke.points)


def _to_simplified(strokes: list[Stroke]) -> list[NDArray[np.int64]]:
    """Whole numbers in 0..255, aligned to the top left of what is there of each drawing."""
    nowhere = [~stroke.present[:, None] for stroke in strokes]
    low = np.min([np.where(n, np.inf, s.points.min(axis=2)) for n, s in zip(nowhere, strokes, strict=True)], axis=0)
    high = np.max([np.where(n, -np.inf, s.points.max(axis=2)) for n, s in zip(nowhere, strokes, strict=True)], axis=0)
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
