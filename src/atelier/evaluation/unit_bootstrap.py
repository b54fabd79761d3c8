"""Bootstrap intervals for items that share independent units, such as pairs of photos and paintings.

Every photo is stylized in every style. The 80 pairs of 8 photos and 10 paintings are not 80 independent items: a photo
that is difficult in one style is difficult in the others. Resampling the pairs gives intervals that are two to three
times too narrow. Photos and paintings are independent, so these are resampled, after Owen 2007, "The pigeonhole
bootstrap" (Annals of Applied Statistics 1).

Owen draws both kinds of units together: a pair counts u v times when its photo was drawn u times and its painting v
times. Here each kind is drawn while the other kind stays as it is, and the deviations are added:

    d = a(n) (θ(photos drawn) - θ) + a(m) (θ(paintings drawn) - θ),    a(n) = sqrt(n / (n - 1))

The effects of photos and paintings enter as in Owen's method. Noise of single pairs is counted twice instead of three
times, so the interval is less often too wide. The factor a(n) corrects the variance of a bootstrap of n units, which is
too small. With few units, quantiles of Student's t distribution replace those of the normal distribution, with the
degrees of freedom of Welch and Satterthwaite (n - 1 and m - 1 for the two variances). The interval lies between the
percentiles of θ + d t / z. Decision record 7 contains measured coverages.

Which units are resampled:

- If every unit of one kind occurs with a single unit of another kind, the first kind is left out. Drawing the second
  kind draws the first kind with it (cluster bootstrap).
- A kind with one unit cannot be resampled. The interval is then valid for this unit only, such as a single painting.
- If no kind has two units, nothing is known about the uncertainty, and the interval reaches from -inf to inf.

The width is 0 when all items are equal. If the value is undefined (NaN), both ends are NaN too.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import CHUNK, Weights, bootstrap_mean, percentile_interval
from atelier.model_card import Metric

Floats = NDArray[np.float64]
Units = Mapping[str, NDArray[np.uint64]]
"""Kind of unit, such as `photos` → (n,): the id of the unit of this kind that each item belongs to."""

_MANY = 1e9
"""Degrees of freedom with which Student's t distribution is the normal distribution."""


def mean_over_units(
    items: ArrayLike, units: Units, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> Metric:
    """Mean of the items' values with its interval over the independent units.

    Parameters
    ----------
    items
        (n,) one number per item.
    units
        The units of each item. If empty, the items are independent, see `bootstrap_mean`.
    resamples, seed, level
        As in `bootstrap_mean`.

    Raises
    ------
    BadInputError
        When there are no items, or a kind of units does not have one id per item.
    """
    # The same sum as for independent items, so that the value does not depend on the units to the last digit.
    plain = bootstrap_mean(items, resamples if not units else 1, seed, level)
    if not units:
        return plain
    values = np.asarray(items, np.float64)
    return bootstrap_units(
        lambda weights: weights @ values / weights.sum(1), units, resamples, seed, level, value=plain.value
    )


def bootstrap_units(
    statistic: Callable[[Weights], Floats],
    units: Units,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    *,
    centered: bool = False,
    value: float | None = None,
) -> Metric:
    """A statistic of the items with its interval over the independent units.

    Parameters
    ----------
    statistic
        Takes weights (k, n), how often each resample contains each item, and returns k values. A row need not sum
        to n, because units may have different numbers of items.
    units
        The units of each item, at least one kind.
    resamples, seed, level
        As in `bootstrap_mean`. The interval depends on the ids, but not on the order of the items.
    centered
        As in `bootstrap`: shift the interval so that the mean over the resamples equals the value.
    value
        The statistic of the items, if it is already known.

    Raises
    ------
    BadInputError
        When `units` is empty, or its kinds have different numbers of items.
    """
    items = _number_of_items(units)
    value = float(statistic(np.ones((1, items)))[0]) if value is None else value
    rng = np.random.default_rng(seed)
    drawn, variances, freedoms = np.zeros(resamples), [], []
    for unit in _independent_kinds(units):
        count = int(unit.max()) + 1
        correction = np.sqrt(count / (count - 1))
        deviations = correction * (_resampled(statistic, unit, resamples, rng) - value)
        drawn += deviations
        variances.append(float(np.nanvar(deviations)) if np.isfinite(deviations).any() else 0.0)
        freedoms.append(count - 1)
    if not variances:
        return Metric(value=value, low=value - np.inf, high=value + np.inf)  # NaN stays NaN
    stretch = _stretch(np.array(variances), np.array(freedoms), level)
    offset = float(np.nanmean(drawn)) if centered and np.isfinite(drawn).any() else 0.0
    return percentile_interval(value, value + stretch * (drawn - offset), level)


def _number_of_items(units: Units) -> int:
    shapes = {np.shape(unit) for unit in units.values()}
    if len(shapes) != 1 or len(shape := shapes.pop()) != 1 or not shape[0]:
        raise BadInputError(
            f"Give the units of at least one item, and of every kind one id per item; got "
            f"{ {kind: np.shape(unit) for kind, unit in units.items()} }."
        )
    return int(shape[0])


def _independent_kinds(units: Units) -> list[NDArray[np.intp]]:
    """For each kind that is resampled: (n,) the number of each item's unit, from 0 on, by rising id."""
    kinds = [np.unique(units[name], return_inverse=True)[1] for name in sorted(units)]
    kinds = [kind for kind in kinds if kind.max() > 0]
    kept: list[NDArray[np.intp]] = []
    for position, kind in enumerate(kinds):
        others = [*kept, *kinds[position + 1 :]]
        if not any(_nested(kind, other) for other in others):
            kept.append(kind)
    return kept


def _nested(inner: NDArray[np.intp], outer: NDArray[np.intp]) -> bool:
    """Whether all items of an inner unit belong to the same outer unit."""
    pairs = np.unique(np.stack([inner, outer]), axis=1)
    return len(pairs.T) == int(inner.max()) + 1


def _resampled(
    statistic: Callable[[Weights], Floats], unit: NDArray[np.intp], resamples: int, rng: np.random.Generator
) -> Floats:
    """(resamples,) the statistic, where each resample draws as many units as there are, with replacement."""
    count, rows = int(unit.max()) + 1, max(1, CHUNK // len(unit))
    found = []
    for start in range(0, resamples, rows):
        times = rng.multinomial(count, np.full(count, 1 / count), size=min(rows, resamples - start))
        found.append(statistic(times[:, unit].astype(np.float64)))
    return np.concatenate(found)


def _stretch(variances: Floats, freedoms: NDArray[np.integer], level: float) -> float:
    """Student's t quantile divided by the normal one (Satterthwaite 1946, Welch 1947)."""
    total = variances.sum()
    if not total > 0:
        return 1.0
    freedom = total**2 / (variances**2 / freedoms).sum()
    upper = (1 + level) / 2
    return float(stdtrit(freedom, upper) / stdtrit(_MANY, upper))
