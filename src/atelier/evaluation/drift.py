"""Drift of data between two versions: the population stability index of simple statistics of the images.

The population stability index of a statistic, between a reference and a current sample, is

    PSI = sum over bins of (current - reference) * ln(current / reference)

where the bins are the deciles of the reference and the terms are shares of the items (Siddiqi 2006, Credit Risk
Scorecards). By the usual rule, below 0.1 nothing has changed; from 0.25 on the population is another one. Samples of
the same population have an index of about (bins - 1) * (1 / n + 1 / m) by chance (Yurdakul 2018).
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from atelier.settings import Settings

MODERATE, LARGE = 0.1, 0.25
"""From these values on, drift is called moderate and large."""
_BINS = 10
_QUANTILES = 201
_ITEMS = 2000
"""Number of items that are read, evenly spaced: their order is that of their identities, which is random."""
_SMALLEST_SHARE = 1e-3
"""Shares below it count as this much, because the logarithm of 0 is infinite."""


class Statistic(Settings):
    """The distribution of one statistic over the items of a data set."""

    items: int
    """Number of items that were measured."""
    quantiles: tuple[float, ...]
    """Quantiles of the statistic at evenly spaced probabilities from 0 to 1."""

    @classmethod
    def of(cls, values: NDArray[np.floating[Any]]) -> Self:
        """Summarize (n,) values."""
        found = np.quantile(values, np.linspace(0, 1, _QUANTILES))
        return cls(items=len(values), quantiles=tuple(round(float(value), 4) for value in found))

    @property
    def mean(self) -> float:
        return float(np.mean(self.quantiles))


def image_statistics(images: Any) -> dict[str, Statistic]:
    """Statistics of up to 2,000 images.

    Parameters
    ----------
    images
        (n, height, width) or (n, height, width, 3), from 0 to 255, such as the field `image` of a prepared split.

    Returns
    -------
    dict
        `brightness` and `contrast`: mean and standard deviation of an image's values. `detail`: mean absolute
        difference of neighboring pixels. `saturation`, of color images: mean distance between the largest and the
        smallest channel. Empty without images.
    """
    if not len(images):
        return {}
    rows = np.unique(np.linspace(0, len(images) - 1, min(_ITEMS, len(images))).astype(int))
    measured = [_measure(np.asarray(images[int(row)], np.float32)) for row in rows]
    return {name: Statistic.of(np.array([each[name] for each in measured])) for name in measured[0]}


def stability_index(reference: Statistic, current: Statistic) -> float:
    """The population stability index of the current sample against the reference; 0 for equal distributions."""
    before, after = np.array(reference.quantiles), np.array(current.quantiles)
    deciles = np.quantile(before, np.linspace(0, 1, _BINS + 1)[1:-1])
    tied = deciles[1:][deciles[1:] == deciles[:-1]]
    edges = np.unique([*deciles, *np.nextafter(tied, np.inf)])  # a value of many items has a bin of its own
    return _index(_shares(before, edges), _shares(after, edges))


def label_stability_index(reference: Mapping[str, int], current: Mapping[str, int]) -> float:
    """The population stability index of the shares of the labels; each label is a bin."""
    labels = sorted({*reference, *current})
    before, after = (
        np.array([counts.get(label, 0) for label in labels], np.float64) for counts in (reference, current)
    )
    return _index(before / max(before.sum(), 1), after / max(after.sum(), 1))


def by_chance(reference: Statistic, current: Statistic) -> float:
    """The index that two samples of these sizes have when nothing has changed."""
    return (_BINS - 1) * (1 / reference.items + 1 / current.items)


def _measure(image: NDArray[np.float32]) -> dict[str, float]:
    grey = image.mean(axis=2) if image.ndim == 3 else image
    neighbors = [np.abs(np.diff(grey, axis=axis)) for axis in (0, 1)]
    found = {
        "brightness": float(grey.mean()),
        "contrast": float(grey.std()),
        "detail": float(np.mean([each.mean() for each in neighbors])),
    }
    if image.ndim == 3:
        found["saturation"] = float((image.max(axis=2) - image.min(axis=2)).mean())
    return found


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    bins = np.searchsorted(edges, values, side="right")
    return np.bincount(bins, minlength=len(edges) + 1) / len(values)


def _index(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    before, after = (np.maximum(shares, _SMALLEST_SHARE) for shares in (reference, current))
    return float(((after - before) * np.log(after / before)).sum())
