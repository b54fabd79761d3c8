"""How much generated drawings change the test results, and what to do about it."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import bootstrap_mean, paired_difference
from atelier.evaluation.classification.metrics import Floats
from atelier.evaluation.results import Evaluation
from atelier.model_card import Metric
from atelier.settings import Settings
from pipelines.augment.training_run import size_as_text


class Comparison(Settings):
    """Trainings with and without generated drawings, with the same number of real ones.

    The intervals are 95 % percentile bootstraps over the test items, where the value of an item is its mean over the
    seeds; the difference is paired by item and seed. The intervals show the variation between test items. The
    variation between seeds is shown by the values of the single trainings.
    """

    size: int | None
    """Real training drawings a class; None: all."""
    real: int
    """Real training drawings in all."""
    per_class: float
    """Real training drawings a class, on average: less than `size` where some classes have fewer drawings."""
    generated: int
    """Generated training drawings in all."""
    without_generated: Metric
    with_generated: Metric
    difference: Metric
    """With minus without generated drawings."""
    seeds_without: tuple[float, ...]
    """The metric of each training without generated drawings, in the order of the seeds."""
    seeds_with: tuple[float, ...]
    """The metric of each training with generated drawings, in the order of the seeds."""

    @property
    def effect(self) -> Literal["help", "hurt", "unclear"]:
        """`help` or `hurt` where the interval excludes zero and all seeds have the same sign; else `unclear`."""
        gains = np.subtract(self.seeds_with, self.seeds_without)
        if self.difference.low > 0 and (gains > 0).all():
            return "help"
        if self.difference.high < 0 and (gains < 0).all():
            return "hurt"
        return "unclear"

    @property
    def advice(self) -> str:
        """The recommendation for this size, in a few words."""
        return {"help": "use them", "hurt": "they hurt, leave them out", "unclear": "no gain can be shown"}[self.effect]

    def recommendation(self) -> str:
        """One line, in percentage points: `at 50 drawings a class: +2.1 points (+1.3 to +2.9): use them`."""
        gain, low, high = (f"{100 * getattr(self.difference, end):+.1f}" for end in ("value", "low", "high"))
        return f"at {size_as_text(self.size)} drawings a class: {gain} points ({low} to {high}): {self.advice}"


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
        Numbers of real training drawings, of generated ones, and of classes.
    without, with_generated
        Test results, one for each seed, in the same order of seeds and on the same items.
    metric
        A metric that is measured for each test item and is better when it is higher: `top1`.

    Raises
    ------
    BadInputError
        When the metric is not measured for each item.
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


def generated_drawings_help(comparisons: Sequence[Comparison]) -> bool:
    """Whether generated drawings help when they are added to all real drawings, as the champion would be trained."""
    return any(each.size is None and each.effect == "help" for each in comparisons)


def _items(evaluations: Sequence[Evaluation], metric: str) -> Floats:
    """(seeds, test items): the metric of each test item."""
    if metric not in evaluations[0].items:
        known = " or ".join(sorted(evaluations[0].items))
        raise BadInputError(f"{metric} is not measured for each item. Set gate.primary of the classifier to {known}.")
    return np.stack([evaluation.items[metric] for evaluation in evaluations])
