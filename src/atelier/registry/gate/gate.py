"""The gate: whether a challenger replaces the champion.

Challenger and champion are compared on the same test items. For a metric that is a mean over items, a paired bootstrap
gives the 95 % confidence interval of the difference. It resamples what is independent: the items, or the units that
items share, such as photos and paintings for their pairs (`unit_bootstrap`). With the sign chosen so that positive
means better, the challenger is

    better                      when the whole interval is above 0
    not worse                   else, when the whole interval is at or above minus the rule's tolerance
    worse                       when the whole interval is below minus the tolerance
    not shown to be no worse    otherwise: a loss beyond the tolerance is neither shown nor ruled out

The last two both reject the challenger. Therefore a small number of test items, or a NaN anywhere, never lets a
challenger pass. A metric that is not a mean of items (macro F1, the calibration error, the border) has no pairs. It is
compared by its values, and by the interval from the two models' own intervals, which is too wide: "not worse" when the
loss of the value is within the tolerance, otherwise as above. This test is less precise: give such a metric a tolerance
above its noise, and avoid it as the primary metric.

The challenger is promoted when it is better on the primary metric, not worse on the metric of every other rule, within
every floor and within every budget. Without a champion, only floors and budgets decide.

A model trained on the project's sample data never replaces one trained on real data. On the sample's test items it may
well be better, but results on these say nothing about real data.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import paired_difference
from atelier.evaluation.results import Evaluation
from atelier.evaluation.unit_bootstrap import mean_over_units
from atelier.model_card import Metric, ModelCard
from atelier.registry.gate.settings import Budgets, GateSettings, Rule
from atelier.registry.gate.verdict import Budget, Comparison, Outcome, SampleDataCheck, Verdict

METHOD = 2
"""Raised when the same results may lead to another verdict: stored verdicts of an earlier method are not reused."""
SAMPLE = "sample"
"""The kind of source that is not real data, as in `Lineage.sources`."""


@dataclass(frozen=True)
class Candidate:
    """A version with its card and its test results: the challenger or the champion."""

    version: str
    card: ModelCard
    evaluation: Evaluation


def decide(challenger: Candidate, champion: Candidate | None, settings: GateSettings) -> Verdict:
    """Compare two models by a family's rules.

    Raises
    ------
    BadInputError
        When a rule names a metric that an evaluation does not have, or the two were not evaluated on the same items.
    """
    comparisons = tuple(_compare(name, rule, challenger, champion, settings) for name, rule in settings.rules.items())
    budgets = _budgets(challenger.card, settings.budgets)
    sample_data = _sample_data(challenger, champion)
    reasons = _rejection_reasons(sample_data, comparisons, budgets)
    return Verdict(
        family=challenger.card.family,
        challenger=challenger.version,
        champion=champion.version if champion else None,
        test_items=len(challenger.evaluation.item_ids),
        units={kind: len(np.unique(unit)) for kind, unit in (challenger.evaluation.units or {}).items()},
        comparisons=comparisons,
        budgets=budgets,
        sample_data=sample_data,
        promote=not reasons,
        reasons=reasons or (_promotion_reason(comparisons),),
    )


def _compare(
    name: str, rule: Rule, challenger: Candidate, champion: Candidate | None, settings: GateSettings
) -> Comparison:
    new = _metric(challenger, name)
    old = _metric(champion, name) if champion else None
    difference, outcome, paired = None, Outcome.FIRST, False
    if champion and old:
        difference = _paired(name, challenger.evaluation, champion.evaluation, settings)
        paired = difference is not None
        difference = difference or Metric(value=new.value - old.value, low=new.low - old.high, high=new.high - old.low)
        outcome = _outcome(difference, rule, paired)
    return Comparison(
        metric=name,
        primary=name == settings.primary,
        direction=rule.direction,
        tolerance=rule.tolerance,
        floor=rule.floor,
        challenger=new,
        champion=old,
        difference=difference,
        paired=paired,
        outcome=outcome,
        floor_holds=_floor_holds(new.value, rule),
    )


def _metric(candidate: Candidate, name: str) -> Metric:
    if name not in candidate.evaluation.metrics:
        raise BadInputError(
            f"gate.rules names {name}, which the evaluation of {candidate.card.family} v{candidate.version} does not "
            f"have. It has: {', '.join(sorted(candidate.evaluation.metrics))}."
        )
    return candidate.evaluation.metrics[name]


def _paired(name: str, challenger: Evaluation, champion: Evaluation, settings: GateSettings) -> Metric | None:
    """Challenger minus champion over their common items; None for a metric without items."""
    if name not in challenger.items or name not in champion.items:
        return None
    order, other = _alignment(challenger.ids_of(name), champion.ids_of(name))
    first, second = challenger.items[name][order], champion.items[name][other]
    units = challenger.units_of(challenger.ids_of(name)[order])
    if units:
        return mean_over_units(first - second, units, settings.resamples, settings.seed)
    return paired_difference(first, second, settings.resamples, settings.seed)


def _alignment(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Two permutations that bring the two lists of ids into the same order."""
    order, other = np.argsort(first, kind="stable"), np.argsort(second, kind="stable")
    if len(first) != len(second) or (first[order] != second[other]).any():
        raise BadInputError(
            "Challenger and champion were not evaluated on the same test items. Evaluate both on today's test split."
        )
    return order, other


def _outcome(difference: Metric, rule: Rule, paired: bool) -> Outcome:
    """The name of the difference, as defined in the module."""
    low, value, high = difference.low, difference.value, difference.high
    worst, gain, best = (low, value, high) if rule.direction == "higher" else (-high, -value, -low)
    if worst > 0:
        return Outcome.BETTER
    if (worst if paired else gain) >= -rule.tolerance:
        return Outcome.NOT_WORSE
    return Outcome.WORSE if best < -rule.tolerance else Outcome.NOT_SHOWN


def _floor_holds(value: float, rule: Rule) -> bool:
    if not math.isfinite(value):
        return False
    if rule.floor is None:
        return True
    return value >= rule.floor if rule.direction == "higher" else value <= rule.floor


def _budgets(card: ModelCard, limits: Budgets) -> tuple[Budget, ...]:
    total = card.total_cost
    costs = {"latency_p95_ms": total.latency_p95_ms, "size_mb": total.size_mb, "parity": card.largest_parity}
    return tuple(
        # 0 <= …: a NaN or a negative cost is not a measurement.
        Budget(name=name, value=value, limit=getattr(limits, name), holds=0 <= value <= getattr(limits, name))
        for name, value in costs.items()
    )


def _sample_data(challenger: Candidate, champion: Candidate | None) -> SampleDataCheck | None:
    """The data sets of which the challenger saw only samples and the champion did not; None if there are none."""
    if champion is None:
        return None
    theirs = champion.card.lineage.sources
    samples = [name for name, kind in challenger.card.lineage.sources.items() if kind == SAMPLE]
    data = tuple(sorted(name for name in samples if theirs.get(name) != SAMPLE))
    if not data:
        return None
    return SampleDataCheck(challenger=challenger.version, champion=champion.version, data=data, known=bool(theirs))


def _rejection_reasons(
    sample_data: SampleDataCheck | None, comparisons: tuple[Comparison, ...], budgets: tuple[Budget, ...]
) -> tuple[str, ...]:
    """Every reason against the challenger, as sentences."""
    data = [sample_data.rejection_reason()] if sample_data else []
    metrics = [comparison.rejection_reason() for comparison in comparisons]
    floors = [comparison.floor_rejection_reason() for comparison in comparisons]
    costs = [budget.rejection_reason() for budget in budgets]
    return tuple(reason for reason in (*data, *metrics, *floors, *costs) if reason)


def _promotion_reason(comparisons: tuple[Comparison, ...]) -> str:
    primary = next(comparison for comparison in comparisons if comparison.primary)
    if primary.difference is None:
        return "There was no champion, and every floor and budget holds."
    difference = primary.difference
    return (
        f"{primary.metric} changed by {difference.value:+.4f} ({difference.low:+.4f} to {difference.high:+.4f}), "
        "which is better; nothing else is worse, and every floor and budget holds."
    )
