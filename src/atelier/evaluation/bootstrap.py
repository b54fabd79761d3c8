"""Percentile bootstrap intervals, seeded and vectorized.

Each resample draws as many test items as there are, with replacement, and the statistic is computed on it. The interval
lies between percentiles of these values (Efron & Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13). A
resample is stored as *weights*: how often each item was drawn. Statistics that are sums over items are then matrix
products, and equal items can be drawn as one group.

The interval covers the uncertainty from the choice of test items, not the randomness of training. Its width is 0 when
all items are equal, and it is somewhat too narrow below about 30 items. Resamples hold fewer distinct items than the
data, which biases some statistics (calibration error, F1 of classes with few items). The percentiles may then miss the
value itself; the interval is extended to contain it.

Items that share something, such as pairs of the same photo, are not independent: see `unit_bootstrap`.

If an input contains NaN, the value and both ends are NaN, so no comparison with the result is true.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atelier.errors import BadInputError
from atelier.model_card import Metric

Weights = NDArray[np.float64]
"""(resamples, items): how often each resample contains each item; every row sums to the number of items."""

CHUNK = 1 << 22
"""Weights held in memory at a time: 32 MB."""
_MULTINOMIAL_COST = 8
"""Drawing one binomial number takes about as long as drawing and counting this many items."""


def bootstrap_mean(items: ArrayLike, resamples: int = 1000, seed: int = 0, level: float = 0.95) -> Metric:
    """Mean of the items' values with its interval.

    Parameters
    ----------
    items
        (n,) one finite number per test item, n >= 1.
    resamples
        Number of bootstrap resamples.
    seed
        Seed of the resamples. The same items, number of resamples and seed give the same interval.
    level
        Coverage of the interval, between 0 and 1.

    Raises
    ------
    BadInputError
        When there are no items, or an item is not one number.

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

    The differences are resampled, so the two values of an item stay together. Difficulty that an item has for both
    models cancels out, and the interval is much narrower than that of two independent means.

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
    centered: bool = False,
) -> Metric:
    """A statistic of the test items with its interval.

    Parameters
    ----------
    statistic
        Takes weights (k, m), whose rows each sum to the number of items, and returns k values.
    n
        Number of items (then m = n). Where many items are equal: how often each of the m distinct items occurs.
    resamples, seed, level
        As in `bootstrap_mean`.
    centered
        Shift the interval so that the mean over the resamples equals the value. For statistics such as the Fréchet
        distance, which increase when there are fewer distinct items.

    Returns
    -------
    Metric
        `statistic` on the items themselves, and its interval. Resamples in which the statistic is undefined (NaN) are
        ignored; if there is no other resample, the interval reaches from -inf to inf. If the statistic is undefined on
        the items themselves, all three numbers are NaN.

    Raises
    ------
    BadInputError
        When there are no items, `resamples` is below 1 or `level` is not between 0 and 1.
    """
    each = bootstrap_each(lambda weights: statistic(weights)[:, None], n, resamples, seed, level, centered=centered)
    return each[0]


def bootstrap_each(
    statistic: Callable[[Weights], NDArray[np.float64]],
    n: int | NDArray[np.integer],
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    *,
    centered: bool = False,
) -> list[Metric]:
    """As `bootstrap` for several statistics on the same resamples: `statistic` returns (k, statistics)."""
    counts = np.ones(n, np.int64) if isinstance(n, int | np.integer) else np.asarray(n, np.int64)
    if counts.sum() < 1:
        raise BadInputError("There are no test items to bootstrap. Give the test split at least one item.")
    if resamples < 1 or not 0 < level < 1:
        raise BadInputError(f"A bootstrap needs resamples >= 1 and 0 < level < 1, not {resamples} and {level}.")
    values = statistic(counts[None].astype(np.float64))[0]
    drawn = np.concatenate([statistic(weights) for weights in _resamples(counts, resamples, seed)])
    if centered:
        drawn = drawn + values - np.nanmean(drawn, axis=0)
    return [percentile_interval(float(value), column, level) for value, column in zip(values, drawn.T, strict=True)]


def _resamples(counts: NDArray[np.int64], resamples: int, seed: int) -> Iterator[Weights]:
    """Weights of all resamples, in chunks of bounded memory."""
    rng = np.random.default_rng(seed)
    total, distinct = int(counts.sum()), len(counts)
    few = distinct * _MULTINOMIAL_COST < total
    owner = np.repeat(np.arange(distinct), 0 if few else counts)
    rows = max(1, CHUNK // (distinct if few else total))
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        if few:
            yield rng.multinomial(total, counts / total, size).astype(np.float64)
        else:
            drawn = owner[rng.integers(total, size=(size, total))] + distinct * np.arange(size)[:, None]
            yield np.bincount(drawn.ravel(), minlength=size * distinct).reshape(size, distinct).astype(np.float64)


def percentile_interval(value: float, drawn: NDArray[np.float64], level: float) -> Metric:
    """The value with the percentiles of its resamples; see `bootstrap` for NaN, the module for a value outside."""
    defined = drawn[~np.isnan(drawn)]
    if np.isnan(value):
        return _undefined()
    if not len(defined):
        return Metric(value=value, low=-np.inf, high=np.inf)
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Metric(value=value, low=min(float(low), value), high=max(float(high), value))


def _undefined() -> Metric:
    return Metric(value=float("nan"), low=float("nan"), high=float("nan"))


def _vector(values: ArrayLike, name: str) -> NDArray[np.float64]:
    vector = np.asarray(values, np.float64)
    if vector.ndim != 1 or not len(vector):
        raise BadInputError(f"Give {name} as one number per test item, at least one; got shape {vector.shape}.")
    return vector
