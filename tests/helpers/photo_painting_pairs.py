"""Simulated values of photo and painting pairs with known truth."""

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int]
"""Number of photos and of paintings."""
Deviations = tuple[float, float, float]
"""Standard deviations of the effects of photos and of paintings, and of the noise of single pairs."""


def every_pair(photos: int, paintings: int) -> dict[str, NDArray[np.uint64]]:
    """The units of all pairs, ordered by photo."""
    photo, painting = np.divmod(np.arange(photos * paintings), paintings)
    return {"photos": photo.astype(np.uint64) + 100, "paintings": painting.astype(np.uint64) + 900}


def simulated(rng: np.random.Generator, shape: Shape, deviations: Deviations) -> NDArray[np.float64]:
    """One value per pair of `every_pair`; their expectation is 0."""
    photos, paintings = shape
    sizes = ((photos, 1), (1, paintings), (photos, paintings))
    effects = (deviation * rng.normal(size=size) for deviation, size in zip(deviations, sizes, strict=True))
    return np.asarray(sum(effects, np.zeros(shape))).ravel()


def framed_images(
    rng: np.random.Generator, shape: Shape, frame: float, deviations: Deviations = (0.3, 0.3, 0.3)
) -> list[NDArray[np.float64]]:
    """One noisy image (64, 64, 3) per pair, with a brighter line of about `frame` gray levels along its sides.

    Photos, paintings and pairs differ in the logarithms of the line's brightness and of the noise.
    """
    brightness, contrast = (np.exp(simulated(rng, shape, deviations)) for _ in range(2))
    images = contrast[:, None, None] * rng.normal(0, 20, (len(contrast), 64, 64)) + 100
    lines = np.zeros((64, 64))
    lines[[0, -1]], lines[:, [0, -1]] = frame, frame
    return list(np.repeat((images + brightness[:, None, None] * lines)[..., None], 3, axis=3))
