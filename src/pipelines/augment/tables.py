"""The results of the experiment: as a table to print, as Markdown, and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.table import Table

from atelier.model_card import Metric
from pipelines.augment.comparison import Comparison
from pipelines.augment.generated_drawings import GeneratedDrawings
from pipelines.augment.training_run import size_as_text

HEADINGS = ("real a class", "generated", "without, %", "with, %", "difference, points", "seeds", "recommendation")
NOTE = (
    "Means over the seeds with 95 % bootstrap intervals over the test items, paired for the difference. "
    "Seeds: lowest and highest difference of a single pair of trainings. "
    "At every size, the generator and the classifier that chose its drawings had learned from all real training "
    "drawings. For sizes below all, a gain is therefore larger than it would be with so few drawings alone."
)


def comparison_table(found: Sequence[Comparison], metric: str) -> Table:
    """A table to print, with one row for each size."""
    table = Table(title=_title(metric), caption=NOTE, title_justify="left", caption_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == HEADINGS[-1] else "right", overflow="fold")
    for row in _rows(found):
        table.add_row(*row)
    return table


def markdown(found: Sequence[Comparison], metric: str) -> str:
    """The same table in Markdown."""
    lines = [HEADINGS, ["---:"] * (len(HEADINGS) - 1) + ["---"], *_rows(found)]
    return f"{_title(metric)}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines) + f"\n{NOTE}\n"


def as_json(
    found: Sequence[Comparison], metric: str, generated: GeneratedDrawings, labels: Sequence[str]
) -> dict[str, Any]:
    """All results: the comparison at each size, and how many generated drawings of each label were accepted."""
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
            size_as_text(row.size),
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
