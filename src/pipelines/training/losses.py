"""Named losses and their weights, in any framework."""

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any


def weighted_sum(losses: Mapping[str, Any], weights: Mapping[str, float]) -> Any:
    """Σ weight · loss over the names in `losses`; a loss without a weight is an error (KeyError).

    Parameters
    ----------
    losses
        Name → scalar tensor, of whichever framework; the sum is one of the same.
    """
    return reduce(add, (weights[name] * loss for name, loss in losses.items()))
