"""Tables and intervals as text."""

import io
from typing import TYPE_CHECKING

from atelier.model_card import Metric

if TYPE_CHECKING:
    from rich.table import Table


def as_text(table: "Table") -> str:
    """A rich table as text without colors, for files and for MLflow's pages."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=140, no_color=True, highlight=False)
    console.print(table)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in str(text).splitlines()) + "\n"


def with_interval(metric: Metric | None, sign: str = "") -> str:
    """`0.9421 (0.9360 to 0.9480)`, or an empty string for None."""
    if metric is None:
        return ""
    value, low, high = (format(number, f"{sign}.4f") for number in (metric.value, metric.low, metric.high))
    return value if low == value == high else f"{value} ({low} to {high})"
