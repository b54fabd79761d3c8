"""How much a reconstruction differs from the face: pixels, structure, and features of a network.

All images are uint8 (n, size, size, 3), RGB; every function returns one number for each pair, (n,).
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Images = NDArray[np.uint8]
Floats = NDArray[np.float64]
Features = Mapping[str, NDArray[np.float32]]
Extract = Callable[[Images], Features]
"""Images → layer → features (n, channels, h, w)."""

BATCH = 32
_SIGMA = 1.5
"""Width of the windows of the structural similarity in pixels."""
_STABILIZERS = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_LUMINANCE = np.array([0.299, 0.587, 0.114])
_EPSILON = 1e-6


def mean_square(faces: Images, others: Images) -> Floats:
    """Mean squared difference in units of 255."""
    difference = (faces.astype(np.float32) - others.astype(np.float32)) / 255
    return np.asarray(np.square(difference).mean(axis=(1, 2, 3)), np.float64)


def structural_similarity(faces: Images, others: Images) -> Floats:
    """SSIM of the luminance (Wang et al. 2004, doi:10.1109/TIP.2003.819861), up to 1 for equal images."""
    return np.array([_similarity(a @ _LUMINANCE, b @ _LUMINANCE) for a, b in zip(faces, others, strict=True)])


def perceptual_distance(faces: Images, others: Images, extract: Extract) -> Floats:
    """Squared distance of features with unit length at each place, mean over places and layers.

    As LPIPS (Zhang et al. 2018, arXiv:1801.03924, equation 1), without learned weights.
    """
    parts = []
    for start in range(0, len(faces), BATCH):
        first, second = (extract(images[start : start + BATCH]) for images in (faces, others))
        layers = [_unit_distance(first[name], second[name]) for name in first]
        parts.append(np.mean(layers, axis=0))
    return np.concatenate(parts).astype(np.float64)


def _unit_distance(first: NDArray[np.float32], second: NDArray[np.float32]) -> Floats:
    a, b = (each / np.sqrt(np.square(each).sum(axis=1, keepdims=True) + _EPSILON) for each in (first, second))
    return np.asarray(np.square(a - b).sum(axis=1).mean(axis=(1, 2)), np.float64)


def _similarity(first: Floats, second: Floats) -> float:
    mean_a, mean_b = _smooth(first), _smooth(second)
    variance_a, variance_b = _smooth(first**2) - mean_a**2, _smooth(second**2) - mean_b**2
    covariance = _smooth(first * second) - mean_a * mean_b
    brightness, contrast = _STABILIZERS
    above = (2 * mean_a * mean_b + brightness) * (2 * covariance + contrast)
    below = (mean_a**2 + mean_b**2 + brightness) * (variance_a + variance_b + contrast)
    return float((above / below).mean())


def _smooth(image: Floats) -> Floats:
    return np.asarray(gaussian_filter(image, _SIGMA, truncate=3.5))
