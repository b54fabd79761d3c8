"""The results of the experiment as a figure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from atelier.evaluation.classification.metrics import Floats
from atelier.evaluation.figures import BLUE, INK, ORANGE, QUIET, png
from atelier.model_card import Metric
from pipelines.augment.comparison import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DODGE = 1.025
"""Factor between the horizontal positions of the two sides, so that their intervals do not overlap."""


def comparison_plot(found: Sequence[Comparison], metric: str) -> bytes:
    """Two plots over the number of real drawings a class, as PNG bytes.

    Above, the metric with and without generated drawings; below, the difference. Lines and bars are means over the
    seeds with their intervals, dots are single trainings.
    """
    found = sorted(found, key=lambda row: row.per_class)
    sizes = np.array([row.per_class for row in found])

    def draw(axes: "Axes") -> None:
        axes.set_title("Do generated drawings help?")
        axes.set_axis_off()
        above = axes.inset_axes((0.09, 0.46, 0.91, 0.54))
        below = axes.inset_axes((0.09, 0.1, 0.91, 0.3), sharex=above)
        for shift, color, name, means, seeds in _sides(found):
            _side(above, sizes * shift, means, seeds, color, name)
        above.set(xscale="log", ylabel=f"{metric} on the real test drawings")
        above.grid(axis="y")
        above.tick_params(labelbottom=False)
        above.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
        _difference(below, sizes, found)
        below.set_xticks(sizes, [_name(row) for row in found])
        below.minorticks_off()

    return png((7.6, 7.0), draw)


def _sides(found: Sequence[Comparison]) -> list[tuple[float, str, str, list[Metric], list[tuple[float, ...]]]]:
    """Horizontal shift, color and name of each side, its means, and the values of its seeds."""
    without = [row.without_generated for row in found], [row.seeds_without for row in found]
    with_generated = [row.with_generated for row in found], [row.seeds_with for row in found]
    return [
        (1 / DODGE, BLUE, "real drawings only", *without),
        (DODGE, ORANGE, "and generated ones", *with_generated),
    ]


def _side(
    axes: "Axes", sizes: Floats, means: Sequence[Metric], seeds: Sequence[Sequence[float]], color: str, name: str
) -> None:
    values, errors = _error_bars(means)
    axes.errorbar(sizes, values, errors, color=color, linewidth=1.6, elinewidth=1.2, capsize=3, label=name)
    _dots(axes, sizes, seeds, color)


def _difference(axes: "Axes", sizes: Floats, found: Sequence[Comparison]) -> None:
    values, errors = _error_bars([row.difference for row in found], scale=100)
    axes.axhline(0, color=QUIET, linewidth=0.9)
    axes.errorbar(sizes, values, errors, color=INK, fmt="o", markersize=5, elinewidth=1.4, capsize=3)
    gains = [(100 * np.subtract(row.seeds_with, row.seeds_without)).tolist() for row in found]
    _dots(axes, sizes * DODGE**2, gains, INK)
    axes.set_ylabel("difference, points")
    axes.set_xlabel("real training drawings a class\nbars: 95 % over the test drawings; small dots: single seeds")
    axes.grid(axis="y")


def _name(row: Comparison) -> str:
    return f"all ({row.per_class:,.0f})" if row.size is None else str(row.size)


def _dots(axes: "Axes", sizes: Floats, seeds: Sequence[Sequence[float]], color: str) -> None:
    for size, values in zip(sizes, seeds, strict=True):
        axes.plot([size] * len(values), values, ".", color=color, alpha=0.55, markersize=5, zorder=3)


def _error_bars(means: Sequence[Metric], scale: float = 1) -> tuple[Floats, Floats]:
    """Values (n,), and the lengths of the intervals below and above them (2, n)."""
    values = np.array([metric.value for metric in means])
    errors = np.array([[metric.value - metric.low, metric.high - metric.value] for metric in means]).T
    return scale * values, scale * np.maximum(errors, 0)
