"""The rows of a verdict, one for each rule and budget: for the terminal, for MLflow's pages and for reports."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from atelier.registry.gate.intervals import with_interval

if TYPE_CHECKING:
    from atelier.registry.gate.verdict import Budget, Comparison, Verdict

Row = tuple[str, ...]
"""Rule, champion, challenger, difference, limit, outcome."""


def rows(verdict: "Verdict", directions: bool = False) -> list[Row]:
    """The rows of all rules, then those of all budgets.

    Parameters
    ----------
    directions
        Whether each rule says if higher or lower is better.
    """
    return [*(_metric(each, directions) for each in verdict.comparisons), *map(_budget, verdict.budgets)]


def without_empty_columns(header: Row, lines: Sequence[Row]) -> tuple[Row, list[Row]]:
    """A table without the columns that are empty in all rows, such as the champion's where there is none."""
    filled = [column for column in range(len(header)) if any(line[column] for line in lines)]
    kept = [tuple(line[column] for column in filled) for line in (header, *lines)]
    return kept[0], kept[1:]


def _metric(comparison: "Comparison", directions: bool) -> Row:
    name = f"{comparison.metric}{' (primary)' if comparison.primary else ''}"
    bound = "≥" if comparison.direction == "higher" else "≤"
    return (
        f"{name}, {comparison.direction} is better" if directions else name,
        with_interval(comparison.champion),
        with_interval(comparison.challenger),
        with_interval(comparison.difference, "+"),
        "" if comparison.floor is None else f"{bound} {comparison.floor:g}",
        comparison.outcome.value if comparison.floor_holds else f"{comparison.outcome.value}, out of bounds",
    )


def _budget(budget: "Budget") -> Row:
    return budget.name, "", f"{budget.value:.3g}", "", f"≤ {budget.limit:g}", "holds" if budget.holds else "exceeded"
