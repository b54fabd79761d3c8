"""What the trainings say together: how much generated drawings change, and what to do about it."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import bootstrap_mean, paired_difference
from atelier.evaluation.classification.metrics import Floats
from atelier.evaluation.results import Evaluation
from atelier.model_card import Metric
from atelier.settings import Settings
from pipelines.augment.training_run import size_name


class Comparison(Settings):
    """Trainings with and without generated drawings, at one number of real ones.

    The intervals are 95 % percentile bootstraps over the test items. A test item's value is its mean over the seeds,
    for the difference paired: the same items, the same seeds. They tell what other test items would change; what other
    seeds would change is told by the values of the single trainings.
    """

    size: int | None
    """Real training drawings a class; None: all."""
    real: int
    """Real training drawings in all."""
    per_class: float
    """Real training drawings a class, on average: fewer than `size` where some classes have no more."""
    generated: int
    """Generated training drawings in all."""
    without_generated: Metric
    with_generated: Metric
    difference: Metric
    """With minus without."""
    seeds_without: tuple[float, ...]
    """The metric of each single training, in the order of the seeds."""
    seeds_with: tuple[float, ...]

    @property
    def effect(self) -> Literal["help", "hurt", "unclear"]:
        """What can be said: the interval must leave zero out, and every seed must agree."""
        gains = np.subtract(self.seeds_with, self.seeds_without)
        if self.difference.low > 0 and (gains > 0).all():
            return "help"
        if self.difference.high < 0 and (gains < 0).all():
            return "hurt"
        return "unclear"

    @property
    def advice(self) -> str:
        """What to do at this size."""
        return {"help": "use them", "hurt": "they hurt, leave them out", "unclear": "no gain can be shown"}[self.effect]

    def recommendation(self) -> str:
        """`at 50 drawings a class: +2.1 points (+1.3 to +2.9): use them`."""
        gain, low, high = (f"{100 * getattr(self.difference, end):+.1f}" for end in ("value", "low", "high"))
        return f"at {size_name(self.size)} drawings a class: {gain} points ({low} to {high}): {self.advice}"


def compare(
    size: int | None,
    counts: tuple[int, int, int],
    without: Sequence[Evaluation],
    with_generated: Sequence[Evaluation],
    metric: str,
    *,
    resamples: int,
    seed: int,
) -> Comparison:
    """Compare the trainings of one size.

    Parameters
    ----------
    counts
        (real training drawings, generated ones, classes).
    without, with_generated
        Test results of each seed, in the same order of seeds and on the same items.
    metric
        A share of the test items, higher is better: `top1`.

    Raises
    ------
    BadInputError
        When the metric is not measured item by item.
    """
    first, second = (_items(evaluations, metric) for evaluations in (without, with_generated))
    real, generated, classes = counts
    return Comparison(
        size=size,
        real=real,
        per_class=real / classes,
        generated=generated,
        without_generated=bootstrap_mean(first.mean(axis=0), resamples, seed),
        with_generated=bootstrap_mean(second.mean(axis=0), resamples, seed),
        difference=paired_difference(second.mean(axis=0), first.mean(axis=0), resamples, seed),
        seeds_without=tuple(first.mean(axis=1).tolist()),
        seeds_with=tuple(second.mean(axis=1).tolist()),
    )


def _items(evaluations: Sequence[Evaluation], metric: str) -> Floats:
    """(seeds, test items)."""
    if metric not in evaluations[0].items:
        known = " or ".join(sorted(evaluations[0].items))
        raise BadInputError(f"{metric} is not measured item by item. Set gate.primary of the classifier to {known}.")
    return np.stack([evaluation.items[metric] for evaluation in evaluations])
