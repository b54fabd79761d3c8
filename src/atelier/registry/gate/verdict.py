"""The verdict of the gate with every number that it used. It is stored with the version and printed as a table."""

import json
import math
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from atelier.metric_names import MetricName
from atelier.model_card import Metric
from atelier.registry.gate.verdict_rows import rows, without_empty_columns
from atelier.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table


_OLD_NAMES = {"asked": "inputs_hash", "unreal": "sample_data"}
"""Names of fields in verdicts that earlier versions stored → names of today."""
_HEADINGS = ("rule", "champion", "challenger", "difference (95 %)", "limit", "verdict")


class Outcome(StrEnum):
    """How the challenger compares with the champion on one metric; `gate` defines when.

    Verdicts of earlier versions have `worse` where today's say `not shown to be no worse`.
    """

    BETTER = "better"
    NOT_WORSE = "not worse"
    NOT_SHOWN = "not shown to be no worse"
    WORSE = "worse"
    FIRST = "no champion"


class Comparison(Settings):
    """The result of one rule."""

    metric: MetricName
    primary: bool
    direction: Literal["higher", "lower"]
    tolerance: float
    floor: float | None
    challenger: Metric
    champion: Metric | None
    difference: Metric | None
    """Challenger minus champion, in the metric's units. Without pairs, the interval combines the two models' own."""
    paired: bool
    """Whether the interval comes from a paired bootstrap over test items, or over the units that they share."""
    outcome: Outcome
    floor_holds: bool

    def rejection_reason(self) -> str | None:
        """Why this metric is a reason to reject the challenger, or None."""
        if not math.isfinite(self.challenger.value):
            return f"{self.metric} is {self.challenger.value}, which is not a result."
        if self.outcome == Outcome.NOT_SHOWN:
            loss = f"a loss of more than {self.tolerance:g} cannot be ruled out"
            return f"{self.metric} is not shown to be no worse: {self._change()}, {loss}."
        if self.outcome == Outcome.WORSE:
            return f"{self.metric} is worse: {self._change()}, and a loss of at most {self.tolerance:g} is tolerated."
        if self.primary and self.outcome == Outcome.NOT_WORSE:
            return f"{self.metric}, the primary metric, is not better: {self._change()}."
        return None

    def floor_rejection_reason(self) -> str | None:
        """Why the value alone is a reason to reject the challenger, or None."""
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

    def rejection_reason(self) -> str | None:
        """Why this cost is a reason to reject the challenger, or None."""
        return None if self.holds else f"{self.name} is {self.value:.3g}, over the budget of {self.limit:g}."


class SampleDataCheck(Settings):
    """The challenger was trained on sample data where the champion was trained on real data."""

    challenger: str
    champion: str
    """Version numbers."""
    data: tuple[str, ...]
    """The data sets."""
    known: bool
    """False when the champion's card, an old one, does not name the sources of its data: they may have been real."""

    def rejection_reason(self) -> str:
        """Why this is a reason to reject the challenger."""
        source = "real data" if self.known else "data of unknown source"
        return (
            f"v{self.challenger} was trained on sample data ({', '.join(self.data)}), "
            f"the champion v{self.champion} on {source}."
        )


class Verdict(Settings):
    """The gate's decision about one challenger."""

    family: str
    challenger: str
    """Version number."""
    champion: str | None
    """Version number of the champion it was compared with."""
    test_items: int
    units: dict[str, int] = Field(default_factory=dict)
    """Kind of unit → number of independent units in the test items; empty where the items are independent."""
    comparisons: tuple[Comparison, ...]
    budgets: tuple[Budget, ...]
    sample_data: SampleDataCheck | None = None
    promote: bool
    reasons: tuple[str, ...]
    """Sentences: every reason to reject the challenger, or the reason to promote it."""
    inputs_hash: str = ""
    """Hash of what decides the verdict: the two versions, the test items and the rules."""
    at: str = ""
    """Date and time, UTC, ISO 8601."""

    @model_validator(mode="before")
    @classmethod
    def _read_old_names(cls, stored: Any) -> Any:
        return {_OLD_NAMES.get(k, k): v for k, v in stored.items()} if isinstance(stored, Mapping) else stored

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types, NaN as a string."""
        content: dict[str, Any] = json.loads(self.model_dump_json())
        return content

    def table(self) -> "Table":
        """One row for each rule and budget, with the outcome below."""
        from rich.table import Table

        title = f"{self.family}: challenger v{self.challenger} " + (
            f"against champion v{self.champion}" if self.champion else "(no champion yet)"
        )
        table = Table(title=f"{title}, {self._test_items()}", caption=self.sentence(), caption_justify="left")
        # Empty columns are left out to fit a narrow terminal.
        headings, lines = without_empty_columns(_HEADINGS, rows(self))
        for heading in headings:
            text = heading in ("rule", "verdict")
            table.add_column(heading, justify="left" if text else "right", no_wrap=heading == "rule")
        for line in lines:
            table.add_row(*line)
        return table

    def _test_items(self) -> str:
        units = " x ".join(f"{count} {kind}" for kind, count in self.units.items())
        return f"{self.test_items} test items" + (f" ({units})" if units else "")

    def sentence(self) -> str:
        """The outcome and its reasons, for a person."""
        return f"v{self.challenger} is {'promoted' if self.promote else 'rejected'}. {' '.join(self.reasons)}"

    def short(self) -> str:
        """The outcome and the names of the failed rules and budgets, for a cell of a table."""
        if self.promote:
            return f"v{self.challenger} promoted"
        failed = [rule.metric for rule in self.comparisons if rule.rejection_reason() or rule.floor_rejection_reason()]
        costs = [budget.name for budget in self.budgets if not budget.holds]
        data = ["sample data"] if self.sample_data else []
        return f"v{self.challenger} rejected: {', '.join([*data, *failed, *costs])}"

    def primary(self) -> str:
        """The challenger's primary metric, as `top1 0.9421`."""
        comparison = next(comparison for comparison in self.comparisons if comparison.primary)
        return f"{comparison.metric} {comparison.challenger.value:.4f}"

    def markdown(self) -> str:
        """The outcome as a sentence, and a Markdown table with one row for each rule and budget."""
        lines = [" | ".join(cells) for cells in (_HEADINGS, ("---",) * len(_HEADINGS), *rows(self))]
        table = "\n".join(f"| {line} |" for line in lines)
        return f"**{self.sentence()}**\n\n{table}\n\n{self._test_items()}, {self.at}\n"
