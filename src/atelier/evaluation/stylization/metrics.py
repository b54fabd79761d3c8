"""Distances of a stylized image from its photo and its painting, in the features of a perceptual network.

Two references on the same pairs make the values readable. The unchanged photo has a content distance of 0 and the style
distance from which a network starts. The optimization of Gatys et al. (`benchmarks/quality/gatys.py`) shows what is
possible. A match of the colors alone also lowers the style distance, so a network has to do better than that.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atelier.pretrained.perceptual.layers import Architecture

Features = Mapping[str, NDArray[np.floating]]
"""Layer → (n, channels, height, width)."""
Floats = NDArray[np.float64]


class Distances(NamedTuple):
    """Distances of n images; 0 means equal to the photo (content) or to the painting (style)."""

    content: Floats
    """(n,) ‖F(x) - F(photo)‖ / ‖F(photo)‖ at the content layer."""
    style: Floats
    """(n,) mean over the style layers of ‖G(x) - G(painting)‖ / ‖G(painting)‖."""


class ContentStyleDistance:
    """Distances of images from their photos and paintings: Gatys et al. 2016 (CVPR, section 2), but relative.

    Parameters
    ----------
    architecture
        Names the content layer and the style layers.
    extract
        Images (n, height, width, 3), RGB from 0 to 255 → features at these layers, such as an `Extractor`. It is called
        with one image at a time, so images may differ in size.
    """

    def __init__(self, architecture: Architecture, extract: Callable[[NDArray[Any]], Features]) -> None:
        self._architecture = architecture
        self._extract = extract

    def __call__(
        self, images: Iterable[NDArray[Any]], photos: Iterable[NDArray[Any]], paintings: Iterable[NDArray[Any]]
    ) -> Distances:
        """Compare image i with photo i, of the same size, and with painting i, of any size."""
        found = [self._one(*trio) for trio in zip(images, photos, paintings, strict=True)]
        content, style = np.array(found, np.float64).reshape(-1, 2).T
        return Distances(content, style)

    def _one(self, image: NDArray[Any], photo: NDArray[Any], painting: NDArray[Any]) -> tuple[float, float]:
        of_image, of_photo, of_painting = (self._extract(one[None]) for one in (image, photo, painting))
        layer, layers = self._architecture.content_layer, self._architecture.style_layers
        style = [relative_distance(gram(of_image[name]), gram(of_painting[name])) for name in layers]
        return float(relative_distance(of_image[layer], of_photo[layer])[0]), float(np.mean(style))


def gram(features: NDArray[np.floating]) -> Floats:
    """Gram matrix G = F Fᵀ / HW of each image: which channels are active together, independent of the position.

    (n, channels, height, width) → (n, channels, channels).
    """
    rows = features.reshape(*features.shape[:2], -1).astype(np.float64)
    return np.asarray(rows @ rows.transpose(0, 2, 1) / rows.shape[2])


def relative_distance(actual: NDArray[np.floating], reference: NDArray[np.floating]) -> Floats:
    """‖actual - reference‖ / ‖reference‖ over all axes but the first (Frobenius norm): (n,)."""
    axes = tuple(range(1, actual.ndim))
    squared = np.square(np.subtract(actual, reference, dtype=np.float64)).sum(axis=axes)
    return np.asarray(np.sqrt(squared / np.square(reference, dtype=np.float64).sum(axis=axes)))


def gap_closed(style: Floats, untouched: Floats, slow: Floats | float) -> Floats:
    """Fraction of the gap between the style distance of the photo (0) and that of Gatys' optimization (1).

    Above 1 where the image is nearer to the painting than the optimization's, below 0 where it is farther away than the
    photo. NaN where the optimization is no nearer than the photo, because there is no gap.
    """
    gap = np.broadcast_to(untouched - slow, style.shape)
    return np.asarray(np.divide(untouched - style, gap, out=np.full(style.shape, np.nan), where=gap > 0))


def match_colors(photo: NDArray[np.uint8], painting: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The photo with the mean and covariance of the painting's RGB values: style without any strokes.

    The linear map that changes the photo least (Pitié & Kokaram 2007, "The linear Monge-Kantorovitch linear colour
    mapping for example-based colour transfer", equation 17). Values outside 0 to 255 are clipped.

    Parameters
    ----------
    photo, painting
        uint8 (height, width, 3) each; their sizes may differ.
    """
    pixels, (mean, covariance) = photo.reshape(-1, 3).astype(np.float64), _color_moments(photo)
    target_mean, target = _color_moments(painting)
    root = _root(covariance)
    inverse = np.linalg.inv(root)
    change = inverse @ _root(root @ target @ root) @ inverse
    matched = (pixels - mean) @ change + target_mean
    return np.rint(np.clip(matched, 0, 255)).astype(np.uint8).reshape(photo.shape)


def monotonicity(values: NDArray[np.floating], slack: float = 0.01) -> Floats:
    """(n,) fraction of a pair's steps to a larger strength at which a distance does not rise; 1 is all of them.

    For a distance that should rise, such as the content distance, pass its negative.

    Parameters
    ----------
    values
        (n, strengths): the distances of n pairs at rising strengths.
    slack
        Rise that is still accepted, as a fraction of the range of the pair's distances.
    """
    steps = np.diff(values.astype(np.float64), axis=1)
    return np.asarray((steps <= slack * np.ptp(values, axis=1, keepdims=True)).mean(axis=1))


def _color_moments(image: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Mean (3,) and covariance (3, 3) of RGB; a small diagonal makes the covariance of gray images invertible."""
    pixels = image.reshape(-1, 3).astype(np.float64)
    return pixels.mean(axis=0), np.cov(pixels.T) + 0.1 * np.eye(3)


def _root(matrix: Floats) -> Floats:
    """The symmetric square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T)
