"""Numbers of an evaluation of edited faces beside its metrics, as tables."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.bootstrap import Weights, bootstrap
from atelier.evaluation.faces.edits import Edits
from atelier.model_card import Metric

Floats = NDArray[np.float64]


class MeasuredModel(Protocol):
    """What was measured of one model."""

    @property
    def reconstruction(self) -> dict[str, Floats]: ...

    @property
    def edits(self) -> Edits | None: ...


def all_tables(
    models: Mapping[str, MeasuredModel], adults: NDArray[np.bool_], kinds: Mapping[str, str]
) -> dict[str, Any]:
    """`comparison.json`: a row for each model; `leakage.json` and `range.json`: of the evaluated model."""
    edits = models[""].edits
    return {
        "comparison.json": [_row(name or "model", measured) for name, measured in models.items()],
        "judges.json": dict(kinds),
    } | ({"leakage.json": _leakage(edits, adults), "range.json": _range(edits)} if edits is not None else {})


def largest_leak(edits: Edits, direction: str, resamples: int, seed: int) -> Metric:
    """Largest mean slope of an attribute that was not asked for, without its sign; 0 where there is no other."""
    others = [name for name in edits.judged if name != direction]
    slopes = np.stack([edits.slopes(direction, name) for name in others]) if others else np.zeros((1, 2))

    def statistic(weights: Weights) -> Floats:
        means = weights @ slopes.T / weights.sum(axis=1, keepdims=True)
        return np.asarray(np.abs(means).max(axis=1))

    return bootstrap(statistic, slopes.shape[1], resamples, seed, centered=True)


def agreement(estimates: Floats, labels: Floats, resamples: int, seed: int) -> Metric:
    """Correlation of a judge with the labels of faces that are not edited; NaN with fewer than three labels."""
    known = np.isfinite(labels)
    if known.sum() < 3:
        return Metric(value=np.nan, low=np.nan, high=np.nan)
    x, y = estimates[known], labels[known]

    def statistic(weights: Weights) -> Floats:
        share = weights / weights.sum(axis=1, keepdims=True)
        mean_x, mean_y = share @ x, share @ y
        covariance = share @ (x * y) - mean_x * mean_y
        below = np.maximum(share @ x**2 - mean_x**2, 0) * np.maximum(share @ y**2 - mean_y**2, 0)
        undefined = np.full(len(share), np.nan)
        correlation: Floats = np.divide(covariance, np.sqrt(below), out=undefined, where=below > 1e-18)
        return correlation

    return bootstrap(statistic, int(known.sum()), resamples, seed)


def _row(name: str, measured: MeasuredModel) -> dict[str, Any]:
    row: dict[str, Any] = {"model": name}
    row |= {metric: round(float(values.mean()), 5) for metric, values in measured.reconstruction.items()}
    edits = measured.edits
    for attribute in edits.judged if edits is not None else ():
        assert edits is not None
        row[f"{attribute}_slope"] = round(float(edits.slopes(attribute, attribute).mean()), 4)
    return row


def _leakage(edits: Edits, adults: NDArray[np.bool_]) -> dict[str, Any]:
    """Which faces → direction → judged attribute → mean slope."""
    groups = {"all": np.ones(len(adults), np.bool_), "adults": adults}
    return {
        which: {
            direction: dict(zip(edits.judged, np.round(row, 4).tolist(), strict=True))
            for direction, row in zip(edits.directions, edits.leakage(rows), strict=True)
        }
        for which, rows in groups.items()
        if rows.any()
    }


def _range(edits: Edits) -> list[dict[str, Any]]:
    """For each direction and request: how far the attribute moved, and how much of the identity features stayed."""
    rows = []
    for direction, name in enumerate(edits.directions):
        for column, request in enumerate(edits.requests):
            row: dict[str, Any] = {"attribute": name, "asked": request}
            if name in edits.judged:
                row["moved"] = round(float(edits.moved[direction, column, edits.judged.index(name)].mean()), 4)
            row["identity"] = round(float(edits.identity[direction, column].mean()), 4)
            rows.append(row)
    return rows
