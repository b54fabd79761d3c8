"""Kernel distance between two sets of images of different sizes, as a mean over pairs of photo and painting.

The unbiased squared maximum mean discrepancy under the kernel (x·y / d + 1)³ (Gretton et al. 2012, JMLR 13, equation 3;
Bińkowski et al. 2018, arXiv:1801.01401, section 4) is A - 2 B + C, where A and C are mean kernels within each set and B
is the mean kernel across the sets. The functions return one term per pair, whose mean over all pairs is the distance:

    u_ij = 2 a_i - A - 2 k(x_i, y_j) + 2 c_j - C,    a_i = mean of k(x_i, x_k) over k ≠ i, c_j likewise

A resample of the terms changes their mean as, to first order, a resample of the images would change the distance. Both
kinds of images can therefore be resampled as the independent units of the pairs (`evaluation.unit_bootstrap`).
"""

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError

Features = NDArray[np.floating]
"""(n, d)."""
Floats = NDArray[np.float64]


def distance_terms(first: Features, second: Features) -> Floats:
    """(n, m) terms whose mean is the kernel distance of sets of n and m images. It is 0 on average for equal sets.

    Raises
    ------
    BadInputError
        When a set has fewer than two images, or a feature is NaN or infinite.
    """
    if min(len(first), len(second)) < 2:
        raise BadInputError(f"A kernel distance needs two images on each side, but got {len(first)} and {len(second)}.")
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise BadInputError("Some features are NaN or infinite. Check the network that computed them.")
    within_first, within_second = _mean_to_others(x), _mean_to_others(y)
    return np.asarray(
        (2 * within_first - within_first.mean())[:, None]
        - 2 * _kernel(x, y)
        + (2 * within_second - within_second.mean())[None, :]
    )


def ratio_terms(terms: Floats, reference: Floats) -> Floats:
    """(n, m) terms whose mean is the ratio of two distances, mean(terms) / mean(reference).

    A resample changes their mean as, to first order, it changes the ratio (delta method).
    """
    below = reference.mean()
    ratio = terms.mean() / below
    return np.asarray((terms - ratio * (reference - below)) / below)


def _mean_to_others(points: Floats) -> Floats:
    """(n,) mean kernel of each item to all others."""
    kernel = _kernel(points, points)
    return np.asarray((kernel.sum(axis=1) - np.diag(kernel)) / (len(points) - 1))


def _kernel(first: Floats, second: Floats) -> Floats:
    return np.asarray((first @ second.T / first.shape[1] + 1) ** 3)
