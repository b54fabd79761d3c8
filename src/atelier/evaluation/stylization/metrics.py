"""How much of a photo's content and of a painting's style a picture has, in the features of a perceptual network.

Two anchors make the numbers readable, measured on the same pairs: the photo as it is, which has all of the content and
none of the style, and the slow optimisation of Gatys et al. (`benchmarks/gatys.py`). A mere match of the colours is the
cheap way to some of the style; what a network does must be worth more.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atelier.pretrained.perceptual.layers import Architecture

Features = Mapping[str, NDArray[np.floating]]
"""Tap → (n, channels, height, width)."""
Floats = NDArray[np.float64]


class Distances(NamedTuple):
    """Of n pictures: 0 is as the photo (content), as the painting (style)."""

    content: Floats
    """(n,) ‖F(x) - F(photo)‖ / ‖F(photo)‖ at the content tap."""
    style: Floats
    """(n,) mean over the style taps of ‖G(x) - G(painting)‖ / ‖G(painting)‖."""


class Judge:
    """Distances of pictures from their photos and paintings, as Gatys et al. 2016 (CVPR, section 2) but relative.

    Parameters
    ----------
    architecture
        Names the tap of the content and the taps of the style.
    extract
        Images (n, height, width, 3), RGB from 0 to 255 → features at those taps, such as an `Extractor`. It is asked
        for one image at a time, so that they may differ in size.
    """

    def __init__(self, architecture: Architecture, extract: Callable[[NDArray[Any]], Features]) -> None:
        self._architecture = architecture
        self._extract = extract

    def __call__(
        self, pictures: Iterable[NDArray[Any]], photos: Iterable[NDArray[Any]], paintings: Iterable[NDArray[Any]]
    ) -> Distances:
        """Picture i against photo i, of its size, and painting i, of any size."""
        found = [self._one(*trio) for trio in zip(pictures, photos, paintings, strict=True)]
        content, style = np.array(found, np.float64).reshape(-1, 2).T
        return Distances(content, style)

    def _one(self, picture: NDArray[Any], photo: NDArray[Any], painting: NDArray[Any]) -> tuple[float, float]:
        of_picture, of_photo, of_painting = (self._extract(image[None]) for image in (picture, photo, painting))
        tap, taps = self._architecture.content_layer, self._architecture.style_layers
        style = [relative_distance(gram(of_picture[name]), gram(of_painting[name])) for name in taps]
        return float(relative_distance(of_picture[tap], of_photo[tap])[0]), float(np.mean(style))


def gram(features: NDArray[np.floating]) -> Floats:
    """G = F Fᵀ / HW of each image: which channels answer together, wherever they do.

    (n, channels, height, width) → (n, channels, channels).
    """
    rows = features.reshape(*features.shape[:2], -1).astype(np.float64)
    return np.asarray(rows @ rows.transpose(0, 2, 1) / rows.shape[2])


def relative_distance(these: NDArray[np.floating], those: NDArray[np.floating]) -> Floats:
    """‖these - those‖ / ‖those‖ over all but the first axis (Frobenius): (n,)."""
    axes = tuple(range(1, these.ndim))
    away = np.square(np.subtract(these, those, dtype=np.float64)).sum(axis=axes)
    return np.asarray(np.sqrt(away / np.square(those, dtype=np.float64).sum(axis=axes)))


def style_reached(style: Floats, untouched: Floats, slow: Floats | float) -> Floats:
    """The share of the way from the untouched photo's style distance (0) to the slow method's (1).

    Above 1 where it is nearer to the painting than the slow method, below 0 where it is farther than the photo. NaN
    where the slow method is no nearer than the photo: there is no way to go.
    """
    way = np.broadcast_to(untouched - slow, style.shape)
    return np.asarray(np.divide(untouched - style, way, out=np.full(style.shape, np.nan), where=way > 0))


def match_colours(photo: NDArray[np.uint8], painting: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The photo with the painting's mean and covariance of RGB: style without a single stroke.

    The linear map that changes the photo least (Pitié & Kokaram 2007, "The linear Monge-Kantorovitch linear colour
    mapping for example-based colour transfer", equation 17). Where that leaves 0 to 255, it is cut off.

    Parameters
    ----------
    photo, painting
        uint8 (height, width, 3) each; their sizes may differ.
    """
    pixels, (mean, covariance) = photo.reshape(-1, 3).astype(np.float64), _colours(photo)
    wanted_mean, wanted = _colours(painting)
    root = _root(covariance)
    inverse = np.linalg.inv(root)
    change = inverse @ _root(root @ wanted @ root) @ inverse
    matched = (pixels - mean) @ change + wanted_mean
    return np.rint(np.clip(matched, 0, 255)).astype(np.uint8).reshape(photo.shape)


def monotone_share(values: NDArray[np.floating], slack: float = 0.01) -> float:
    """The share of steps at which a distance falls, or at least does not rise, as the strength goes up: 1 is all.

    Hand in what should rise, such as the content distance, with its sign changed.

    Parameters
    ----------
    values
        (n, strengths), the distances of n pairs at strengths in rising order.
    slack
        What a step may go the wrong way, as a share of the pair's whole range.
    """
    steps = np.diff(values.astype(np.float64), axis=1)
    return float((steps <= slack * np.ptp(values, axis=1, keepdims=True)).mean())


def _colours(image: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Mean (3,) and covariance (3, 3); a little is added, so that a grey image has an inverse."""
    pixels = image.reshape(-1, 3).astype(np.float64)
    return pixels.mean(axis=0), np.cov(pixels.T) + 0.1 * np.eye(3)


def _root(matrix: Floats) -> Floats:
    """The symmetric root of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T)
