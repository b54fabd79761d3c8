"""Directions in the latent space, along which one attribute changes, by ridge regression.

Latents are regressed on the standardized attributes of the same faces: w = μ + Σ_a z_a d_a. The coefficients d_a are
the mean change of the latents for one standard deviation of attribute a while all others stay. A regression the other
way round, of attributes on latents, gives the filter that predicts an attribute best, which is not how faces differ
(Haufe et al. 2014, doi:10.1016/j.neuroimage.2013.10.067).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def fit_directions(latents: Floats, labels: Floats, ridge: float, orthogonal: bool) -> Floats:
    """Directions (attributes, layers, width), for one standard deviation each.

    Parameters
    ----------
    latents
        Of faces, (n, layers, width).
    labels
        Their attributes in standard deviations, (n, attributes). A missing one, NaN, counts as the mean, 0.
    ridge
        Penalty of the coefficients, relative to the variance of an attribute.
    orthogonal
        Whether the part of each direction in the space of all others is removed.
    """
    x = np.nan_to_num(np.asarray(labels, np.float64))
    y = np.asarray(latents, np.float64).reshape(len(latents), -1)
    x, y = x - x.mean(0), y - y.mean(0)
    penalty = ridge * len(x) * np.eye(x.shape[1])
    directions = np.linalg.solve(x.T @ x + penalty, x.T @ y)
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
