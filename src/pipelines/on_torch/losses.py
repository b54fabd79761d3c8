"""Named losses and their weights."""

from collections.abc import Mapping

from torch import Tensor


def weighted_sum(losses: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Σ weight · loss over the names in `losses`; a loss without a weight is an error (KeyError)."""
    total = [weights[name] * loss for name, loss in losses.items()]
    return sum(total[1:], start=total[0])
