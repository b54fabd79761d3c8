"""Plots of a generator's test results, as PNG bytes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from atelier.evaluation.figures import BLUE, ORANGE, QUIET, name_rows, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Score = Mapping[str, float] | None
"""Value, low and high; None where undefined."""
MOST_CLASSES = 60
"""With more classes than this, only those with the lowest and the highest scores are drawn."""


def against_real(labels: Sequence[str], generated: Sequence[Score], real: Sequence[Score], name: str) -> bytes:
    """A score of generated and of real drawings by class, with intervals; the lowest generated score at the top.

    Parameters
    ----------
    labels, generated, real
        One entry per class. A class without a score of generated drawings is left out.
    name
        Name of the score on the plot, such as `Label accuracy`.
    """
    rows = [row for row in zip(labels, generated, real, strict=True) if row[1]]
    rows.sort(key=lambda row: (row[1]["value"] if row[1] else 0.0, row[0]))
    half = MOST_CLASSES // 2
    shown = rows if len(rows) <= MOST_CLASSES else rows[:half] + rows[-half:]

    def draw(axes: "Axes") -> None:
        part = "" if len(shown) == len(rows) else f": the {half} lowest and {half} highest of {len(rows)} classes"
        axes.set_title(f"{name} by class{part}")
        _dots(axes, [row[2] for row in shown], QUIET, "real", 0.16)
        _dots(axes, [row[1] for row in shown], ORANGE, "generated", -0.16)
        values = [row[1]["value"] for row in rows if row[1]]
        if values:
            mean = float(np.mean(values))
            axes.axvline(mean, color=BLUE, linewidth=1.2, label=f"mean of generated {mean:.3f}")
        name_rows(axes, [row[0] for row in shown])
        axes.set_xlabel(f"{name} with 95 % interval")
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, -0.02))

    return png((8.0, 1.6 + 0.22 * max(len(shown), 6)), draw)


def _dots(axes: "Axes", scores: Sequence[Score], color: str, name: str, shift: float) -> None:
    """Dots with intervals, shifted by `shift` rows from the middle of their row."""
    known = [(row + shift, score) for row, score in enumerate(scores) if score]
    values = np.array([score["value"] for _, score in known])
    ends = np.array([[score["low"], score["high"]] for _, score in known]).reshape(-1, 2).T
    reach = np.maximum([values - ends[0], ends[1] - values], 0)
    places = [place for place, _ in known]
    axes.errorbar(values, places, xerr=reach, fmt="o", color=color, markersize=4, elinewidth=0.9, label=name)
