"""Directions in the latent space, along which one attribute changes."""

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.faces import regression

Floats = NDArray[np.float32]


def fit_directions(latents: Floats, labels: Floats, ridge: float, orthogonal: bool) -> Floats:
    """Directions (attributes, layers, width), for one standard deviation each, by ridge regression.

    Parameters
    ----------
    latents
        Of faces, (n, layers, width).
    labels
        Their attributes in standard deviations, (n, attributes). A missing one is NaN; faces without any are not used.
    ridge
        Penalty, see `regression.fit_directions`.
    orthogonal
        Whether the part of each direction in the space of all others is removed.
    """
    labelled = np.isfinite(labels).any(axis=1)
    flat = latents[labelled].reshape(labelled.sum(), -1).astype(np.float64)
    directions = regression.fit_directions(flat, labels[labelled].astype(np.float64), ridge)
    if orthogonal:
        directions = _orthogonal(directions)
    return directions.reshape(-1, *latents.shape[1:]).astype(np.float32)


def _orthogonal(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row without its projection to the space of all other rows."""
    rows = []
    for index, row in enumerate(directions):
        others, _ = np.linalg.qr(np.delete(directions, index, axis=0).T)
        rows.append(row - others @ (others.T @ row))
    return np.array(rows)
