"""Percentile bootstrap intervals, seeded and vectorised.

The test items are drawn again and again with replacement, as many as there are, and the statistic is computed on each
such resample; the interval lies between the percentiles of these values (Efron & Tibshirani 1993, *An Introduction to
the Bootstrap*, chapter 13). A resample is held as *weights*: how often each item was drawn. Statistics that are sums
over items then become matrix products, and items that are equal need drawing only once.

The interval speaks of the chance of drawing these test items, not of the chance of training. It has no width where
all items are equal, and is somewhat narrow below about 30 items. Some statistics are biased on resamples, which hold
fewer distinct items than the data (calibration error, F1 of classes with a few items each), so that the percentiles
may miss even the value itself; the interval is then stretched to reach it.

An input with NaN gives NaN for the value and both ends: a comparison with it is never true.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.errors import BadInputError
from atelier.model_card import Metric

Weights = NDArray[np.float64]
"""(resamples, items): how often each item stands in each resample; every row sums to the number of items."""

_CHUNK = 1 << 22
"""Weights held at a time: 32 MB."""
_MULTINOMIAL_COST = 8
"""Drawing one binomial takes about as long as drawing and counting this many items."""


def bootstrap_mean(items: ArrayLike, resamples: int = 1000, seed: int = 0, level: float = 0.95) -> Metric:
    """Mean of per-item values with its interval.

    Parameters
    ----------
    items
        (n,) one finite number per test item, n >= 1.
    resamples
        Number of bootstrap resamples.
    seed
        Same items, resamples and seed: same interval.
    level
        Coverage of the interval, between 0 and 1.

    Raises
    ------
    BadInputError
        When there are no items, or they are not one number each.

    Examples
    --------
    >>> bootstrap_mean([1.0, 1.0, 1.0])
    Metric(value=1.0, low=1.0, high=1.0)
    """
    values = _vector(items, "items")
    if np.isnan(values).any():
        return _undefined()
    distinct, counts = np.unique(values, return_counts=True)
    return bootstrap(lambda weights: weights @ distinct / len(values), counts, resamples, seed, level)


def paired_difference(
    challenger: ArrayLike, champion: ArrayLike, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> Metric:
    """Mean of challenger minus champion over the same test items, with its interval.

    Resampling the differences keeps each item's two values together, so what makes an item hard for both models
    cancels out: the interval is far narrower than that of two independent means.

    Parameters
    ----------
    challenger, champion
        (n,) one number per test item, in the same order of items.

    Raises
    ------
    BadInputError
        When there are no items, or the two have different lengths.
    """
    first, second = _vector(challenger, "challenger"), _vector(champion, "champion")
    if len(first) != len(second):
        raise BadInputError(
            f"Challenger and champion must be evaluated on the same test items, but have {len(first)} and "
            f"{len(second)}. Evaluate both on one test split."
        )
    return bootstrap_mean(first - second, resamples, seed, level)


def bootstrap(
    statistic: Callable[[Weights], NDArray[np.float64]],
    n: int | NDArray[np.integer],
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    *,
    centred: bool = False,
) -> Metric:
    """Any statistic of the test items with its interval.

    Parameters
    ----------
    statistic
        Takes weights (k, m), whose rows each sum to the number of items, and returns k values.
    n
        Number of items (then m = n); or, where many items are equal, how often each of the m distinct ones occurs.
    centred
        Move the interval so that the mean of the resamples falls on the value: for a statistic that is known to grow
        as distinct items become fewer, as the Fréchet distance does.

    Returns
    -------
    Metric
        `statistic` on the items themselves, and its interval. Resamples in which the statistic is undefined (NaN)
        are left out of the interval; where it is undefined on the items themselves, all three numbers are NaN.

    Raises
    ------
    BadInputError
        When there are no items, `resamples` is below 1 or `level` is not between 0 and 1.
    """
    each = bootstrap_each(lambda weights: statistic(weights)[:, None], n, resamples, seed, level, centred=centred)
    return each[0]


def bootstrap_each(
    statistic: Callable[[Weights], NDArray[np.float64]],
    n: int | NDArray[np.integer],
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    *,
    centred: bool = False,
) -> list[Metric]:
    """Several statistics on the same resamples: as `bootstrap`, but `statistic` returns (k, statistics)."""
    counts = np.ones(n, np.int64) if isinstance(n, int | np.integer) else np.asarray(n, np.int64)
    if counts.sum() < 1:
        raise BadInputError("There are no test items to bootstrap. Give the test split at least one item.")
    if resamples < 1 or not 0 < level < 1:
        raise BadInputError(f"A bootstrap needs resamples >= 1 and 0 < level < 1, not {resamples} and {level}.")
    values = statistic(counts[None].astype(np.float64))[0]
    drawn = np.concatenate([statistic(weights) for weights in _resamples(counts, resamples, seed)])
    if centred:
        drawn = drawn + values - np.nanmean(drawn, axis=0)
    return [_interval(float(value), column, level) for value, column in zip(values, drawn.T, strict=True)]


def _resamples(counts: NDArray[np.int64], resamples: int, seed: int) -> Iterator[Weights]:
    """Weights of all resamples, a chunk of bounded memory at a time."""
    random = np.random.default_rng(seed)
    total, distinct = int(counts.sum()), len(counts)
    few = distinct * _MULTINOMIAL_COST < total
    owner = np.repeat(np.arange(distinct), 0 if few else counts)
    rows = max(1, _CHUNK // (distinct if few else total))
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        if few:
            yield random.multinomial(total, counts / total, size).astype(np.float64)
        else:
            drawn = owner[random.integers(total, size=(size, total))] + distinct * np.arange(size)[:, None]
            yield np.bincount(drawn.ravel(), minlength=size * distinct).reshape(size, distinct).astype(np.float64)


def _interval(value: float, drawn: NDArray[np.float64], level: float) -> Metric:
    defined = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(defined):
        return _undefined()
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Metric(value=value, low=min(float(low), value), high=max(float(high), value))


def _undefined() -> Metric:
    return Metric(value=float("nan"), low=float("nan"), high=float("nan"))


def _vector(values: ArrayLike, name: str) -> NDArray[np.float64]:
    vector = np.asarray(values, np.float64)
    if vector.ndim != 1 or not len(vector):
        raise BadInputError(f"Give {name} as one number per test item, at least one; got shape {vector.shape}.")
    return vector
