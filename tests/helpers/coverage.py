"""How often intervals contain a known truth."""

from collections.abc import Callable

import numpy as np

from atelier.model_card import Metric


def coverage(metric_of: Callable[[np.random.Generator, int], Metric], truth: float, trials: int) -> float:
    """Fraction of intervals that contain the truth.

    Parameters
    ----------
    metric_of
        Draws test items with the generator, and returns a metric whose interval has the seed in the second argument.
    """
    rng = np.random.default_rng(0)
    metrics = [metric_of(rng, trial) for trial in range(trials)]
    return float(np.mean([metric.low <= truth <= metric.high for metric in metrics]))
