"""What can go wrong in an unpaired translation, measured on one photo and its translation.

All images are (height, width, 3), RGB from 0 to 255. A photo and its translation have the same size.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, sobel, zoom

Image = NDArray[np.floating] | NDArray[np.uint8]
Floats = NDArray[np.float64]

COARSE = 16
"""Number of cells per side in which brightness is compared."""
_LUMINANCE = np.array([0.299, 0.587, 0.114])


def brightness_agreement(translated: Image, photo: Image) -> float:
    """Correlation of the brightness in a coarse grid, from -1 to 1. Below 0, light and dark are exchanged.

    Nothing in the losses tells a network and its inverse from a pair that inverts colors twice. NaN when one of the
    images has the same brightness everywhere.
    """
    return _correlation(*(_coarse(_luminance(image)) for image in (translated, photo)))


def edge_agreement(translated: Image, photo: Image) -> float:
    """Correlation of the strength of edges, from -1 to 1: whether the outlines of the photo are in the painting.

    Edges are smoothed over about four pixels, because strokes need not follow them exactly. NaN when one of the images
    has no edges.
    """
    return _correlation(*(_edges(_luminance(image)) for image in (translated, photo)))


def absolute_difference(image: Image, other: Image) -> float:
    """Mean absolute difference in gray levels."""
    return float(np.abs(np.subtract(image, other, dtype=np.float64)).mean())


def with_noise(image: Image, deviation: float, seed: int) -> NDArray[np.uint8]:
    """An image with normal noise, rounded to gray levels."""
    noise = np.random.default_rng(seed).normal(0, deviation, image.shape)
    return np.asarray(np.rint(np.clip(image + noise, 0, 255)), np.uint8)


def _luminance(image: Image) -> Floats:
    return np.asarray(image @ _LUMINANCE, np.float64)


def _coarse(gray: Floats) -> Floats:
    smooth = gaussian_filter(gray, [side / COARSE / 2 for side in gray.shape], mode="nearest")
    return np.asarray(zoom(smooth, [COARSE / side for side in gray.shape], order=1))


def _edges(gray: Floats) -> Floats:
    smooth = gaussian_filter(gray, 1, mode="nearest")
    strength = np.hypot(sobel(smooth, 0, mode="nearest"), sobel(smooth, 1, mode="nearest"))
    return np.asarray(gaussian_filter(strength, 2, mode="nearest"))


def _correlation(first: Floats, second: Floats) -> float:
    a, b = first - first.mean(), second - second.mean()
    below = np.sqrt(np.square(a).sum() * np.square(b).sum())
    return float((a * b).sum() / below) if below > 1e-9 else float("nan")
