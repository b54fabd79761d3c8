"""What the gate said, with every number it looked at: stored with the version, printed as a table."""

import json
import math
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from atelier.evaluation.metric_names import MetricName
from atelier.model_card import Metric
from atelier.registry.gate.tables import plain, with_interval
from atelier.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table


_HEADINGS = ("asked", "champion", "challenger", "difference (95 %)", "limit", "verdict")


class Outcome(StrEnum):
    """How the challenger does on one metric."""

    BETTER = "better"
    NOT_WORSE = "not worse"
    WORSE = "worse"
    FIRST = "no champion"


class Comparison(Settings):
    """One rule, applied."""

    metric: MetricName
    primary: bool
    direction: Literal["higher", "lower"]
    tolerance: float
    floor: float | None
    challenger: Metric
    champion: Metric | None
    difference: Metric | None
    """Challenger minus champion, in the metric's units; unpaired, its interval spans the two models' own."""
    paired: bool
    """Whether the interval is a paired bootstrap's over test items."""
    outcome: Outcome
    floor_holds: bool

    def objection(self) -> str | None:
        """Why this metric speaks against promoting, or None."""
        if not math.isfinite(self.challenger.value):
            return f"{self.metric} is {self.challenger.value}, which is no result."
        if self.outcome == Outcome.WORSE:
            if self.paired:
                return f"{self.metric}: {self._change()}, a loss of more than {self.tolerance:g} cannot be ruled out."
            return f"{self.metric} is worse: {self._change()}, and a loss of at most {self.tolerance:g} is tolerated."
        if self.primary and self.outcome == Outcome.NOT_WORSE:
            return f"{self.metric}, the primary metric, is not better: {self._change()}."
        return None

    def floor_objection(self) -> str | None:
        """Why the value itself speaks against promoting, or None."""
        if self.floor_holds or self.floor is None:
            return None
        side = "below its floor" if self.direction == "higher" else "above its ceiling"
        return f"{self.metric} is {self.challenger.value:.4f}, {side} of {self.floor:g}."

    def _change(self) -> str:
        if self.difference is None:
            return "there is no champion to compare with"
        return f"{self.difference.value:+.4f} ({self.difference.low:+.4f} to {self.difference.high:+.4f})"


class Budget(Settings):
    """One cost and its limit."""

    name: str
    value: float
    limit: float
    holds: bool

    def objection(self) -> str | None:
        """Why this cost speaks against promoting, or None."""
        return None if self.holds else f"{self.name} is {self.value:.3g}, over the budget of {self.limit:g}."


class Unreal(Settings):
    """The challenger learned from sample data where the champion learned from real data."""

    challenger: str
    champion: str
    """Version numbers."""
    data: tuple[str, ...]
    """The data sets."""
    known: bool
    """False when the champion's card, an old one, does not say what it learned from: that may have been real."""

    def objection(self) -> str:
        """Why this speaks against promoting."""
        source = "real data" if self.known else "data of unknown origin"
        return (
            f"v{self.challenger} learned from sample data ({', '.join(self.data)}), "
            f"the champion v{self.champion} from {source}."
        )


class Verdict(Settings):
    """The gate's word on one challenger."""

    family: str
    challenger: str
    """Version number."""
    champion: str | None
    """Version number of the champion it was compared with."""
    test_items: int
    comparisons: tuple[Comparison, ...]
    budgets: tuple[Budget, ...]
    unreal: Unreal | None = None
    promote: bool
    reasons: tuple[str, ...]
    """Sentences: everything that speaks against promoting, or why nothing does."""
    asked: str = ""
    """Hash of what was asked: the two versions, the test items, the rules. The same question has the same answer."""
    at: str = ""
    """When, UTC, ISO 8601."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types, NaN as a string."""
        content: dict[str, Any] = json.loads(self.model_dump_json())
        return content

    def table(self) -> "Table":
        """One row a rule and budget; what it means below."""
        from rich.table import Table

        title = f"{self.family}: challenger v{self.challenger} " + (
            f"against champion v{self.champion}" if self.champion else "(no champion yet)"
        )
        table = Table(title=f"{title}, {self.test_items} test items", caption=self.sentence(), caption_justify="left")
        rows = [*map(_metric_row, self.comparisons), *map(_budget_row, self.budgets)]
        # Without a champion there is nothing to show of it, and the rest fits a narrow terminal.
        filled = [column for column in range(len(_HEADINGS)) if any(row[column] for row in rows)]
        for heading in (_HEADINGS[column] for column in filled):
            words = heading in ("asked", "verdict")
            table.add_column(heading, justify="left" if words else "right", no_wrap=heading == "asked")
        for row in rows:
            table.add_row(*(row[column] for column in filled))
        return table

    def sentence(self) -> str:
        """The outcome and its reasons, for a person."""
        return f"v{self.challenger} is {'promoted' if self.promote else 'kept out'}. {' '.join(self.reasons)}"

    def short(self) -> str:
        """The outcome and the names of what speaks against, for a cell of a table."""
        if self.promote:
            return f"v{self.challenger} promoted"
        compared = [rule.metric for rule in self.comparisons if rule.objection() or rule.floor_objection()]
        costs = [budget.name for budget in self.budgets if not budget.holds]
        origin = ["sample data"] if self.unreal else []
        return f"v{self.challenger} kept out: {', '.join([*origin, *compared, *costs])}"

    def text(self) -> str:
        """The table as plain text, 140 columns wide."""
        return plain(self.table())


class Rollback(Settings):
    """A champion gave its place back."""

    family: str
    left: str
    """Version number of the champion that was."""
    champion: str
    """Version number of the champion that is again."""
    before: dict[str, Metric]
    after: dict[str, Metric]
    """Test metrics of the two, from their cards."""
    at: str
    """When, UTC, ISO 8601."""

    def table(self) -> "Table":
        """One row a metric."""
        from rich.table import Table

        table = Table(title=f"{self.family}: back from v{self.left} to v{self.champion}")
        for heading in ("metric (95 %)", f"v{self.left}", f"v{self.champion}, champion"):
            table.add_column(heading)
        for name in sorted({*self.before, *self.after}):
            table.add_row(name, with_interval(self.before.get(name)), with_interval(self.after.get(name)))
        return table


def _budget_row(budget: Budget) -> tuple[str, ...]:
    return budget.name, "", f"{budget.value:.3g}", "", f"≤ {budget.limit:g}", "holds" if budget.holds else "exceeded"


def _metric_row(comparison: Comparison) -> tuple[str, ...]:
    name = f"{comparison.metric}{' (primary)' if comparison.primary else ''}"
    bound = "≥" if comparison.direction == "higher" else "≤"
    limit = "" if comparison.floor is None else f"{bound} {comparison.floor:g}"
    verdict = comparison.outcome.value if comparison.floor_holds else f"{comparison.outcome.value}, out of bounds"
    return (
        name,
        with_interval(comparison.champion),
        with_interval(comparison.challenger),
        with_interval(comparison.difference, "+"),
        limit,
        verdict,
    )
