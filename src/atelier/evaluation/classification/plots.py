"""Plots of a classifier's test results, as PNG bytes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from atelier.evaluation.classification.metrics import Calibration, Ints
from atelier.evaluation.figures import BLUE, INK, LINES, ORANGE, QUIET, name_rows, png, shorten
from atelier.model_card import Metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMES = 60
"""With more classes than this, the names are left out because they would be illegible."""
MOST_NUMBERS = 30
"""With more classes than this, the cells have no numbers."""


def confusion(matrix: Ints, names: Sequence[str]) -> bytes:
    """Confusion matrix, normalized by row, with a logarithmic color scale that makes rare confusions visible.

    Parameters
    ----------
    matrix
        int (classes, classes); rows are the true classes. Rows without items stay empty.
    """
    return png((9.6, 9.0), lambda axes: _draw_confusion(axes, matrix, names))


def most_confused(matrix: Ints, names: Sequence[str], pairs: int = 20) -> bytes:
    """Bar chart of the pairs (true → predicted) with the most mistakes."""
    wrong = np.where(np.eye(len(matrix), dtype=bool), 0, matrix)
    order = np.argsort(-wrong, axis=None, kind="stable")[:pairs]
    found = [divmod(int(cell), len(matrix)) for cell in order if wrong.flat[cell]]
    labels = [f"{shorten(names[truth], 22)} → {shorten(names[predicted], 22)}" for truth, predicted in found]
    counts = [int(wrong[pair]) for pair in found]
    notes = [f"{wrong[pair]}  ({wrong[pair] / matrix[pair[0]].sum():.0%})" for pair in found]

    def draw(axes: "Axes") -> None:
        axes.set_title("Most confused pairs: true → predicted class" if found else "No mistakes")
        axes.barh(range(len(found)), counts, color=ORANGE, height=0.72)
        name_rows(axes, labels)
        for row, (count, note) in enumerate(zip(counts, notes, strict=True)):
            axes.annotate(note, (count, row), (4, 0), textcoords="offset points", va="center", fontsize=8, color=QUIET)
        axes.set_xlim(0, 1.15 * max(counts, default=1))
        axes.set_xlabel("items (fraction of the true class's items)")

    return png((8.0, 1.4 + 0.26 * max(len(found), 2)), draw)


def reliability(bins: Calibration, error: Metric) -> bytes:
    """Reliability diagram (DeGroot & Fienberg 1983): accuracy by confidence, with the distribution of items below."""

    def draw(axes: "Axes") -> None:
        edges = np.linspace(0, 1, len(bins.items) + 1)
        some = bins.items > 0
        middles, width = (edges[:-1] + edges[1:])[some] / 2, 0.92 / len(bins.items)
        axes.set_title(f"Calibration error {error.value:.3f}  [{error.low:.3f}, {error.high:.3f}]")
        axes.bar(middles, bins.accuracy[some], width, color=BLUE, label="accuracy")
        marks = (bins.confidence[some], middles - width / 2, middles + width / 2)
        axes.hlines(*marks, color=ORANGE, linewidth=2.2, label="mean confidence")
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.9, linestyle=(0, (4, 3)), label="perfect calibration")
        axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy")
        axes.tick_params(labelbottom=False)
        axes.legend(frameon=False, loc="upper left")
        below = axes.inset_axes((0, -0.3, 1, 0.24), sharex=axes)
        below.bar(middles, bins.items[some] / bins.items.sum(), width, color=QUIET)
        below.set(xlabel="confidence", ylabel="items")
        below.yaxis.set_major_formatter("{x:.0%}")

    return png((6.0, 6.4), draw)


def class_bars(scores: Mapping[str, Mapping[str, float] | None], name: str) -> bytes:
    """Bar chart of one score by class with intervals, lowest first; of many classes only the lowest and the highest.

    Parameters
    ----------
    scores
        Class → value, low and high, each 0 to 1. A class whose score is undefined (None) is left out.
    name
        Name of the score on the plot, such as `F1`.
    """
    known = sorted(
        ((score["value"], label, score) for label, score in scores.items() if score), key=lambda row: row[:2]
    )
    half = MOST_NAMES // 2
    shown = known if len(known) <= MOST_NAMES else known[:half] + known[-half:]
    values = np.array([value for value, _, _ in shown])
    ends = np.array([[score["low"], score["high"]] for _, _, score in shown]).reshape(-1, 2).T
    reach = np.maximum([values - ends[0], ends[1] - values], 0)
    mean = float(np.mean([value for value, _, _ in known])) if known else 0.0

    def draw(axes: "Axes") -> None:
        part = "" if len(shown) == len(known) else f": the {half} lowest and {half} highest of {len(known)}"
        axes.set_title(f"{name} by class{part}")
        axes.barh(range(len(shown)), values, color=BLUE, height=0.72)
        axes.errorbar(values, range(len(shown)), xerr=reach, fmt="none", ecolor=INK, elinewidth=0.9, capsize=2)
        axes.axvline(mean, color=ORANGE, linewidth=1.2, label=f"mean of all classes {mean:.3f}")
        axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2)
        name_rows(axes, [label for _, label, _ in shown])
        axes.set(xlim=(0, 1), xlabel=f"{name} with 95 % interval")

    return png((8.0, 1.4 + 0.22 * max(len(shown), 4)), draw)


def _draw_confusion(axes: "Axes", matrix: Ints, names: Sequence[str]) -> None:
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    support = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, support, out=np.zeros(matrix.shape), where=support > 0)
    colors = LinearSegmentedColormap.from_list("atelier", ["#eef4f8", "#9cc3da", BLUE, "#12324a"])
    norm = LogNorm(0.001, 1)
    picture = axes.imshow(np.ma.masked_equal(shares, 0), colors, norm, interpolation="nearest")
    axes.set_title(f"Confusion: {len(matrix)} classes, {int(matrix.sum()):,} items, {np.trace(matrix):,} correct")
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.spines[:].set_visible(False)
    bar = axes.figure.colorbar(picture, ax=axes, shrink=0.6, aspect=30, pad=0.02, ticks=[0.001, 0.01, 0.1, 1])
    bar.ax.set_yticklabels(["0.1 %", "1 %", "10 %", "100 %"])
    bar.ax.minorticks_off()
    bar.outline.set_visible(False)
    bar.set_label("fraction of the true class's items")
    if len(names) > MOST_NAMES:
        return
    short = [shorten(name, 24) for name in names]
    size = 8 if len(names) <= MOST_NUMBERS else 6
    axes.set_xticks(range(len(names)), short, rotation=90, fontsize=size)
    axes.set_yticks(range(len(names)), short, fontsize=size)
    axes.tick_params(length=0)
    edges = np.arange(len(names) + 1) - 0.5
    axes.hlines(edges, edges[0], edges[-1], color=LINES, linewidth=0.5)
    axes.vlines(edges, edges[0], edges[-1], color=LINES, linewidth=0.5)
    if len(names) <= MOST_NUMBERS:
        _write_shares(axes, shares)


def _write_shares(axes: "Axes", shares: Any) -> None:
    for row, column in np.argwhere(shares >= 0.005):
        share = shares[row, column]
        color = "white" if share > 0.025 else INK
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=7, color=color)
