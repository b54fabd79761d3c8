"""What the experiment found, as a table to print, to paste and to compute with."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.table import Table

from atelier.model_card import Metric
from pipelines.augment.comparison import Comparison
from pipelines.augment.generated import Generated
from pipelines.augment.training_run import size_name

HEADINGS = ("real a class", "generated", "without, %", "with, %", "difference, points", "seeds", "recommendation")
NOTE = (
    "Means over the seeds with 95 % bootstrap intervals over the test items, paired for the difference. "
    "Seeds: the difference of each single pair of trainings, lowest to highest. "
    "The generator and the classifier that chose its drawings learned from all real training drawings at every size: "
    "below all, a gain is more than whoever has only so many drawings could expect."
)


def comparison_table(found: Sequence[Comparison], metric: str) -> Table:
    """One row a size, to print."""
    table = Table(title=_title(metric), caption=NOTE, title_justify="left", caption_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == HEADINGS[-1] else "right", overflow="fold")
    for row in _rows(found):
        table.add_row(*row)
    return table


def markdown(found: Sequence[Comparison], metric: str) -> str:
    """The same in Markdown."""
    lines = [HEADINGS, ["---:"] * (len(HEADINGS) - 1) + ["---"], *_rows(found)]
    return f"{_title(metric)}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines) + f"\n{NOTE}\n"


def as_json(found: Sequence[Comparison], metric: str, generated: Generated, labels: Sequence[str]) -> dict[str, Any]:
    """Everything that was measured: the sizes, and how many drawings of each label were good enough."""
    kept = np.bincount(generated.label, minlength=len(labels)).tolist()
    agreement = [None if np.isnan(share) else float(share) for share in generated.agreement]
    drawings = zip(labels, agreement, kept, strict=True)
    return {
        "metric": metric,
        "sizes": [{**row.model_dump(), "effect": row.effect, "recommendation": row.recommendation()} for row in found],
        "generated": {label: {"agreement": share, "kept": number} for label, share, number in drawings},
    }


def _title(metric: str) -> str:
    return f"{metric} on the real test drawings, trained without and with generated drawings"


def _rows(found: Sequence[Comparison]) -> Iterator[list[str]]:
    for row in found:
        gains = 100 * np.subtract(row.seeds_with, row.seeds_without)
        yield [
            size_name(row.size),
            f"{row.generated:,}",
            _interval(row.without_generated),
            _interval(row.with_generated),
            _interval(row.difference, sign="+"),
            f"{gains.min():+.1f} to {gains.max():+.1f}",
            row.advice,
        ]


def _interval(metric: Metric, sign: str = "") -> str:
    value, low, high = (format(100 * number, f"{sign}.1f") for number in (metric.value, metric.low, metric.high))
    return f"{value} ({low} to {high})"
