"""Sums and means over groups of items, such as classes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.evaluation.bootstrap import Weights, bootstrap_each
from atelier.model_card import Metric

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]


def group_means(
    values: ArrayLike, group: Ints, groups: int, resamples: int = 1000, seed: int = 0
) -> tuple[Metric, list[Metric]]:
    """Mean of each group, and the unweighted mean over the groups.

    Parameters
    ----------
    values
        (n,) one number per item.
    group
        int (n,): the group of each item, 0 to `groups` - 1.
    groups
        Number of groups.
    resamples, seed
        Of the intervals, see `bootstrap`.

    Returns
    -------
    Metric
        Mean over the groups that have items.
    list of Metric
        Mean of each group; NaN for a group without items.
    """
    numbers = np.asarray(values, np.float64)

    def statistic(weights: Weights) -> Floats:
        counts = sums_by_group(weights, group, groups)
        sums = sums_by_group(weights * numbers, group, groups)
        means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
        return np.concatenate([mean_of_defined(means)[:, None], means], axis=1)

    mean, *each = bootstrap_each(statistic, len(numbers), resamples, seed)
    return mean, each


def sums_by_group(weights: Weights, group: Ints, groups: int) -> Floats:
    """Sums over the items of each group: (k, n) → (k, groups).

    Parameters
    ----------
    group
        int (n,): the group of each item.
    """
    order = np.argsort(group, kind="stable")
    present, starts = np.unique(group[order], return_index=True)
    sums = np.zeros((len(weights), groups))
    sums[:, present] = np.add.reduceat(weights[:, order], starts, axis=1)
    return sums


def mean_of_defined(values: Floats) -> Floats:
    """Mean over the values that are not NaN: (k, n) → (k,); NaN where all are NaN."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=1)
    total = np.where(defined, values, 0).sum(axis=1)
    means: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return means
