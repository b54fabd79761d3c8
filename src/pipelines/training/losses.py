"""The weighted sum of named losses, for tensors of any framework."""

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any


def weighted_sum(losses: Mapping[str, Any], weights: Mapping[str, float]) -> Any:
    """Σ weight · loss over the names in `losses`.

    Parameters
    ----------
    losses
        Name → scalar tensor of any framework. The result is a tensor of the same framework.
    weights
        Name → weight. Weights of other names are ignored.

    Raises
    ------
    KeyError
        When a loss has no weight.
    """
    return reduce(add, (weights[name] * loss for name, loss in losses.items()))
