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
