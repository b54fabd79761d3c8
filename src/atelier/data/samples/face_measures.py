"""Measure the attributes of sample faces from their images, at any size; see `faces` for why this is exact."""

import numpy as np
from numpy.typing import NDArray

from atelier.data.samples import faces
from atelier.data.samples.faces import Attributes

Floats = NDArray[np.float64]
_CHEEKS = (0.53, 0.57)
"""Rows (from, to) in which only the face has color, as fractions of the side."""
_FOREHEAD_SKIN = (0.14, 0.18, 0.4, 0.6)
"""Rows and columns of plain skin."""
_CROWN = (0.025, 0.05, 0.46, 0.54)
_SIDES = (0.78, 0.94)
_BESIDE = (0.08, 0.18)
_EYES = (0.37, 0.47)
_FAINT = 0.12
"""Less red than this, relative to the lips, is noise of the skin: far from the mouth, it would turn the line."""
_MOUTH = (0.63, 0.84, 0.34, 0.66)


def measure(images: NDArray[np.uint8]) -> Floats:
    """The attributes of each image, (n, 6), in the order of `faces.Attributes`.

    Parameters
    ----------
    images
        uint8 (n, side, side, 3), RGB, at least 32 pixels a side. An image that is not a sample face gets some numbers,
        none of which is infinite or NaN.
    """
    red, green, blue = np.moveaxis(images.astype(np.float64), 3, 0)
    red_blue, red_green = red - blue, red - green
    skin = np.maximum(_mean(red_blue, *_FOREHEAD_SKIN), 10.0)[:, None, None]
    colored = red_blue / skin
    width = np.maximum(_face_width(colored), 0.2)
    centers, heights = _eyes(1 - colored, width)
    opening, smile = _mouth(1 - colored, red_green, skin[:, 0, 0], width)
    measured = {
        "age": _age(images),
        "gender": _long_hair(green - (red + blue) / 2),
        "eye_openness": heights,
        "eye_distance": centers / width,
        "mouth_open": opening,
        "smile": smile,
    }
    return np.stack([measured[name] for name in Attributes._fields], axis=1)


def _age(images: NDArray[np.uint8]) -> Floats:
    """From the gray level of the hair on top."""
    level = _mean(images.astype(np.float64).mean(axis=3), *_CROWN)
    return (level - faces.DARKEST_HAIR) / (faces.LIGHTEST_HAIR - faces.DARKEST_HAIR) * faces.OLDEST


def _long_hair(greenness: Floats) -> Floats:
    """Which fraction of the borders beside the jaw is hair, not the green background."""
    beside = (_mean(greenness, *_SIDES, *_BESIDE) + _mean(greenness, *_SIDES, 1 - _BESIDE[1], 1 - _BESIDE[0])) / 2
    return 1 - beside / faces.BACKGROUND_GREEN


def _face_width(colored: Floats) -> Floats:
    """Width of the face in units of the side."""
    rows = _part(colored, *_CHEEKS, 0.12, 0.88)
    at = (np.mean(_CHEEKS) - faces.CENTER[1]) / (faces.FACE_HEIGHT / 2)
    return np.asarray(rows.sum(axis=(1, 2)) / rows.shape[1] / colored.shape[2] / np.sqrt(1 - at**2))


def _eyes(empty: Floats, width: Floats) -> tuple[Floats, Floats]:
    """Distance of the eyes' centers in units of the side, and their height / width."""
    side = empty.shape[2]
    places, areas = [], []
    for left, right in ((0.25, 0.48), (0.52, 0.75)):
        part = np.clip(_part(empty, *_EYES, left, right), -0.2, 1.2)
        weight = np.maximum(part.sum(axis=(1, 2)), 1e-3)
        x = (_first(left, side) + np.arange(part.shape[2]) + 0.5) / side
        places.append((part * x).sum(axis=(1, 2)) / weight)
        areas.append(weight / side**2)
    eye = faces.EYE_WIDTH * width
    return places[1] - places[0], np.mean(areas, axis=0) / (np.pi / 4 * eye**2)


def _mouth(empty: Floats, red_green: Floats, skin: Floats, width: Floats) -> tuple[Floats, Floats]:
    """Gap / width, and lift of the corners / width."""
    side = empty.shape[2]
    across = faces.MOUTH_WIDTH * width
    opening = np.clip(_part(empty, *_MOUTH), -0.2, 1.2).sum(axis=(1, 2)) / side**2 / (np.pi / 4 * across**2)
    plain = skin * faces.SKIN_RED_GREEN / faces.SKIN_RED_BLUE
    redness = _part(red_green, *_MOUTH) - plain[:, None, None]
    weight = np.clip(redness / (faces.MOUTH_RED_GREEN - faces.SKIN_RED_GREEN), 0, 1.2)
    weight[weight < _FAINT] = 0
    x = (_first(_MOUTH[2], side) + np.arange(weight.shape[2]) + 0.5) / side - faces.CENTER[0]
    y = (_first(_MOUTH[0], side) + np.arange(weight.shape[1]) + 0.5) / side
    u2 = (x / (across[:, None] / 2)) ** 2
    return opening, _lift(weight, u2, y) / across


def _lift(weight: Floats, u2: Floats, y: Floats) -> Floats:
    """The slope of the height over the squared place along the mouth, by weighted least squares."""
    column = weight.sum(axis=1)
    total = np.maximum(column.sum(axis=1), 1e-6)
    height = (weight * y[:, None]).sum(axis=1)
    mean_u, mean_y = (column * u2).sum(axis=1) / total, height.sum(axis=1) / total
    centered = u2 - mean_u[:, None]
    spread = np.maximum((column * centered**2).sum(axis=1), 1e-6)
    return np.asarray(-((height - column * mean_y[:, None]) * centered).sum(axis=1) / spread)


def _mean(values: Floats, top: float, bottom: float, left: float, right: float) -> Floats:
    return np.asarray(_part(values, top, bottom, left, right).mean(axis=(1, 2)))


def _part(values: Floats, top: float, bottom: float, left: float, right: float) -> Floats:
    """The pixels of each image between these fractions of the side."""
    height, width = values.shape[1:]
    return values[:, _first(top, height) : _first(bottom, height), _first(left, width) : _first(right, width)]


def _first(fraction: float, side: int) -> int:
    return round(fraction * side)
