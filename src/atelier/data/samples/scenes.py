"""Sample scenes for COCO: objects on a table or outdoors, with their outlines, boxes and categories."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from atelier.data.samples import landscapes
from atelier.data.samples.noise import Array, Random, blend, finish, floats, fractal, frame, generator, smoothstep
from atelier.data.samples.objects import THINGS, Thing, mask

_WALLS = ((0.72, 0.66, 0.56), (0.52, 0.60, 0.62), (0.78, 0.74, 0.68), (0.42, 0.46, 0.40), (0.62, 0.44, 0.38))
_WOODS = ((0.46, 0.30, 0.17), (0.62, 0.45, 0.28), (0.30, 0.20, 0.13), (0.75, 0.62, 0.44))
_LICENCE = {"url": "https://creativecommons.org/publicdomain/zero/1.0/", "id": 1, "name": "CC0 1.0"}


class Scene(NamedTuple):
    """An image and the objects on it."""

    image: NDArray[np.uint8]
    outlines: "list[tuple[Thing, Array]]"
    """Each object with the points (n, 2) of its outline in pixels, the nearest object last."""


def paint(seed: int, number: int, side: int) -> Scene:
    """Scene `number` of a seed, uint8 (height, width, 3) with this short side; a pure function of all three."""
    rng = generator("scene", seed, number)
    image, outlines = compose(rng, frame(rng, side))
    return Scene(finish(rng, image), outlines)


def describe(scene: Scene, number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """COCO's entries of the image, whose id is `number + 1`, and of its annotations, without ids."""
    height, width = scene.image.shape[:2]
    image = {"license": 1, "file_name": f"{number:06d}.jpg", "height": height, "width": width, "id": number + 1}
    entries = [_annotation(thing, points, (height, width)) for thing, points in scene.outlines]
    return image, [{"image_id": number + 1} | annotation for annotation in entries]


def write_annotations(
    path: Path, images: Sequence[dict[str, Any]], annotations: Sequence[Sequence[dict[str, Any]]]
) -> None:
    """Write the entries of `describe` for all scenes as a file in COCO's format."""
    numbered = [{"id": number} | each for number, each in enumerate(chain.from_iterable(annotations), start=1)]
    content = {
        "info": {"description": "Sample scenes in COCO's format", "version": "1.0"},
        "licenses": [_LICENCE],
        "images": images,
        "annotations": numbered,
        "categories": [{"supercategory": t.supercategory, "id": t.category, "name": t.name} for t in THINGS],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(content))


def compose(rng: Random, size: tuple[int, int]) -> tuple[Array, list[tuple[Thing, Array]]]:
    """A scene, 0..1, and its objects with their outlines (n, 2) in pixels, the nearest object last."""
    height, width = size
    outdoors = rng.random() < 0.4
    image, floor = (landscapes.compose(rng, size), rng.uniform(0.6, 0.75)) if outdoors else _room(rng, size)
    things = []
    for depth in np.sort(rng.random(int(rng.integers(1, 7)))):
        thing = THINGS[rng.integers(len(THINGS))]
        radius = min(size) * (0.07 + 0.12 * depth) * rng.uniform(0.7, 1.3)
        middle = np.array([rng.uniform(0.08, 0.92) * width, (floor + (0.96 - floor) * depth) * height - radius])
        if thing.flies:
            middle[1] = rng.uniform(0.12, 0.45) * height
        points = np.asarray(thing.outline(rng) * radius + middle, np.float32)
        if not thing.flies:
            image = _shadow(image, middle, radius)
        image = _place(rng, image, thing, points, middle, radius)
        things.append((thing, points))
    return image, things


def _room(rng: Random, size: tuple[int, int]) -> tuple[Array, float]:
    """A wall and a wooden table, lit from the upper left, and the highest position of an object on the table, 0..1."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / min(size)
    edge = rng.uniform(0.5, 0.68)
    wall = floats(_WALLS[rng.integers(len(_WALLS))]) * (0.85 + 0.3 * fractal(rng, size, 5, 5, 0.6))[..., None]
    if rng.random() < 0.5:
        stripes = 0.06 * (np.sin(x * rng.uniform(30, 70)) > 0) * (1 if rng.random() < 0.6 else np.sin(y * 40) > 0)
        wall = wall * (1 - stripes)[..., None]
    wood = floats(_WOODS[rng.integers(len(_WOODS))])
    rings = fractal(rng, size, 3, 4, 0.5, stretch=10)
    planks = (
        0.75 + 0.35 * np.abs(np.sin(rings * rng.uniform(18, 40))) ** 2 + 0.2 * fractal(rng, size, 20, 2, 0.7, stretch=8)
    )
    row = np.arange(height, dtype=np.float32)[:, None] - edge * height
    gaps = 1 - 0.35 * smoothstep(0.92, 1.0, np.abs(np.sin(np.sqrt(np.clip(row / height, 0, 1)) * 14)))
    image = blend(wall, wood * (planks * gaps)[..., None], np.clip(row + 0.5, 0, 1))
    light = 1.2 - 0.5 * (x * min(size) / width * 0.7 + y * min(size) / height * 0.5)
    light = light * (1 - 0.25 * np.exp(-np.clip(row, 0, None) / (0.03 * height)) * (row > 0))
    return np.asarray(image * light[..., None], np.float32), edge + 0.06


def _shadow(image: Array, middle: NDArray[np.floating], radius: float) -> Array:
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot(
        (x - middle[0] - 0.3 * radius) / (1.15 * radius), (y - middle[1] - 0.95 * radius) / (0.26 * radius)
    )
    return np.asarray(image * (1 - 0.6 * smoothstep(1.25, 0.4, distance))[..., None], np.float32)


def _place(
    rng: Random, image: Array, thing: Thing, points: Array, middle: NDArray[np.floating], radius: float
) -> Array:
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    left, top = (np.floor(points.min(axis=0)) - 1).clip(0).astype(int)
    right, bottom = (np.ceil(points.max(axis=0)) + 1).clip(0, (width, height)).astype(int)
    if right <= left or bottom <= top:
        return image
    part = (slice(top, bottom), slice(left, right))
    colors = thing.shade(rng, (x[part] - middle[0]) / radius, (y[part] - middle[1]) / radius)
    covered = mask(points - floats([left, top]), (bottom - top, right - left))
    result = image.copy()
    result[part] = blend(image[part], np.clip(colors, 0, 1), covered)
    return result


def _annotation(thing: Thing, points: Array, size: tuple[int, int]) -> dict[str, Any]:
    """Category, outline, box (x, y, width, height) and area, clipped to the image."""
    inside = np.clip(points, 0, (size[1], size[0])).astype(np.float64)
    x, y = inside.T
    area = abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
    box = [*inside.min(axis=0).tolist(), *np.ptp(inside, axis=0).tolist()]
    return {
        "category_id": thing.category,
        "segmentation": [inside.round(2).ravel().tolist()],
        "bbox": [round(value, 2) for value in box],
        "area": round(area, 2),
        "iscrowd": 0,
    }
