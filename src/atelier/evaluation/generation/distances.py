"""Distance between generated and real items, and diversity of generated items, in a feature space.

Features are vectors that a network computes from an image. The published numbers (FID, KID) use Inception features
learned on ImageNet's photos, which describe drawings poorly. Here the features come from any network of the domain. The
results are a Fréchet distance and a kernel distance that are comparable only for the same network.

The reference for each is the same distance between two disjoint sets of real items of the same size.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import Weights, bootstrap, bootstrap_each
from atelier.evaluation.groups import mean_of_defined
from atelier.model_card import Metric

Features = NDArray[np.floating]
"""(n, d)."""
Floats = NDArray[np.float64]


def frechet_distance(first: Features, second: Features, resamples: int = 1000, seed: int = 0) -> Metric:
    """Squared Fréchet distance between normal distributions fitted to two sets: 0 for equal means and covariances.

    |m₁ - m₂|² + tr(C₁ + C₂ - 2 (C₁ C₂)^½): Dowson & Landau 1982; Heusel et al. 2017, arXiv:1706.08500, section 3. The
    estimate is biased: it is larger for fewer items (Bińkowski et al. 2018, arXiv:1801.01401, section 3). Compare only
    distances of the same n.

    Parameters
    ----------
    first, second
        (n, d) each, in the same order of classes, because the interval resamples rows of both together. n may be
        smaller than d.
    resamples, seed
        Of the interval, see `bootstrap`. The interval is centered because of the bias.

    Raises
    ------
    BadInputError
        When the two have different shapes, fewer than two rows, or a feature that is NaN or infinite.
    """
    a, b = _pair(first, second)

    def statistic(weights: Weights) -> Floats:
        return np.array([_between_normals(*_moments(a, row), *_moments(b, row)) for row in weights])

    return bootstrap(statistic, len(a), resamples, seed, centered=True)


def kernel_distance(first: Features, second: Features, resamples: int = 1000, seed: int = 0) -> Metric:
    """Squared maximum mean discrepancy under the kernel (x·y / d + 1)³, unbiased: 0 on average for equal distributions.

    Gretton et al. 2012 (JMLR 13), equation 4. With Inception features it is the KID of Bińkowski et al. 2018,
    arXiv:1801.01401, section 4. Because the estimate is unbiased, it can be negative, and its mean does not depend on
    n. Row i of one set is not compared with row i of the other, just as no row is compared with itself. If the rows are
    in the same order of classes, every term then contains the same proportion of pairs within a class. Memory grows
    with n².

    Parameters and errors are those of `frechet_distance`.
    """
    terms = _kernel_terms(first, second)
    return bootstrap(lambda weights: _mean_over_pairs(weights, terms), len(terms), resamples, seed)


def kernel_distance_value(first: Features, second: Features) -> float:
    """`kernel_distance` without an interval. With two rows, half of all resamples would have no pair of rows."""
    terms = _kernel_terms(first, second)
    return float(_mean_over_pairs(np.ones((1, len(terms))), terms)[0])


def diversity(features: Features) -> float:
    """Mean Euclidean distance over the pairs of n items, in units of the features; NaN for fewer than two items.

    Diversity is often reported as the mean LPIPS over pairs of samples of one class (Zhu et al. 2017, arXiv:1711.11586,
    section 4; LPIPS: Zhang et al. 2018, arXiv:1801.03924). That is the same mean over another distance, which compares
    unit-normalized activations of several layers of an ImageNet network.
    """
    return float(_mean_over_pairs(np.ones((1, len(features))), pair_distances(features))[0])


def diversity_ratio(
    generated: Sequence[Features], real: Sequence[Features], resamples: int = 1000, seed: int = 0
) -> tuple[Metric, list[Metric]]:
    """`diversity` of the generated items of each class divided by that of its real items; 1 is equally diverse.

    Parameters
    ----------
    generated, real
        One array (n, d) per class; the numbers of items may differ.
    resamples, seed
        Of the intervals, see `bootstrap`.

    Returns
    -------
    Metric
        Mean over the classes for which the ratio is defined.
    list of Metric
        Ratio of each class; NaN where there are fewer than two real or generated items, or all real items are equal.
    """
    sets = [*generated, *real]
    distances = [pair_distances(features) for features in sets]
    ends = np.cumsum([len(features) for features in sets])[:-1]

    def statistic(weights: Weights) -> Floats:
        parts = np.split(weights, ends, axis=1)
        means = np.array([_mean_over_pairs(*pair) for pair in zip(parts, distances, strict=True)])
        above, below = means[: len(generated)], means[len(generated) :]
        ratios = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0).T
        return np.concatenate([mean_of_defined(ratios)[:, None], ratios], axis=1)

    mean, *each = bootstrap_each(statistic, sum(map(len, sets)), resamples, seed)
    return mean, each


def pair_distances(features: Features) -> Floats:
    """(n, n) Euclidean distances, exactly 0 on the diagonal."""
    points = features.astype(np.float64)
    points -= points.mean(axis=0) if len(points) else 0
    squares = np.square(points).sum(axis=1)
    squared = squares[:, None] + squares - 2 * points @ points.T
    np.fill_diagonal(squared, 0)
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def _pair(first: Features, second: Features) -> tuple[Floats, Floats]:
    if first.ndim != 2 or first.shape != second.shape or len(first) < 2:
        raise BadInputError(
            "A distance needs two sets of features of one shape (n, d) with n of at least 2, but got "
            f"{first.shape} and {second.shape}."
        )
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise BadInputError("Some features are NaN or infinite. Check the network that computed them.")
    return a, b


def _kernel_terms(first: Features, second: Features) -> Floats:
    """(n, n): the terms of the kernel distance, whose mean over the pairs of rows is the distance."""
    a, b = _pair(first, second)
    across = _cubic(a, b)
    terms = _cubic(a, a) + _cubic(b, b) - across - across.T
    np.fill_diagonal(terms, 0)
    return terms


def _moments(points: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean (d,) and covariance (d, d)."""
    mean = weights @ points / weights.sum()
    centered = points - mean
    return mean, (centered * weights[:, None]).T @ centered / (weights.sum() - 1)


def _between_normals(mean: Floats, covariance: Floats, other_mean: Floats, other_covariance: Floats) -> float:
    """The trace of (C₁ C₂)^½ equals that of (C₁^½ C₂ C₁^½)^½, which is symmetric: real roots, full rank not needed."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other_covariance @ root), 0)).sum()
    between_means = np.square(mean - other_mean).sum()
    return float(between_means + np.trace(covariance) + np.trace(other_covariance) - 2 * shared)


def _cubic(first: Floats, second: Floats) -> Floats:
    return np.asarray((first @ second.T / first.shape[1] + 1) ** 3)


def _mean_over_pairs(weights: Weights, matrix: Floats) -> Floats:
    """(k,) mean of a matrix with zero diagonal over the pairs of different items; NaN where there are none."""
    sums = np.einsum("ki,ki->k", weights @ matrix, weights)
    pairs = weights.sum(axis=1) ** 2 - np.square(weights).sum(axis=1)
    means: Floats = np.divide(sums, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
    return means
