"""What edits do to the attributes of faces, as the regressor sees it: slope, leakage, usable range."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipelines.families.psp.edits import edited

Attributes = Callable[[Tensor], Tensor]
"""Latents (n, layers, width) → attributes of their images (n, attributes)."""
BATCH = 64
SMALLEST_RESCALED = 0.1
"""Directions with a smaller slope are not rescaled: an edit would go far beyond what the networks know."""
PASSES = 2
"""How often directions are rescaled, because the response is not quite linear."""


@torch.no_grad()
def responses(
    attributes: Attributes, latents: Tensor, directions: Tensor, amounts: Sequence[float]
) -> NDArray[np.float64]:
    """Mean change of the attributes: (attributes, amounts, attributes).

    Entry (a, k, b) is the change of attribute b after an edit of attribute a by the k-th amount, all in standard
    deviations.
    """
    before = _over_batches(attributes, latents)
    result = np.empty((len(directions), len(amounts), len(directions)))
    for a in range(len(directions)):
        for k, amount in enumerate(amounts):
            edits = torch.zeros(len(latents), len(directions), device=latents.device)
            edits[:, a] = amount
            change = _over_batches(attributes, edited(latents, directions, edits)) - before
            result[a, k] = change.mean(0).double().cpu().numpy()
    return result


def _over_batches(attributes: Attributes, latents: Tensor) -> Tensor:
    return torch.cat([attributes(part).float() for part in torch.split(latents, BATCH)])


def slopes(changes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Change of b for an edit of a by one standard deviation, (attributes, attributes).

    Parameters
    ----------
    changes
        `responses` to -1 and 1.
    """
    return np.asarray((changes[:, 1] - changes[:, 0]) / 2)


def rescaled(attributes: Attributes, latents: Tensor, directions: Tensor) -> tuple[Tensor, NDArray[np.float64]]:
    """Directions whose measured slope is 1, and the slopes that they had before, (attributes,)."""
    measured = []
    for _ in range(PASSES):
        measured.append(np.diag(slopes(responses(attributes, latents, directions, (-1.0, 1.0)))))
        factor = np.where(measured[-1] > SMALLEST_RESCALED, measured[-1], 1.0)
        directions = directions / torch.from_numpy(factor).float().to(directions.device)[:, None, None]
    return directions, measured[0]


def usable_range(
    amounts: Sequence[float], change: Sequence[float] | NDArray[np.float64], min_slope: float
) -> tuple[float, float]:
    """The interval around 0 in which another step changes the attribute by `min_slope` of what is asked for, or more.

    Parameters
    ----------
    amounts
        Increasing, with 0 among them.
    change
        Change of the attribute after an edit by each amount.
    """
    middle = list(amounts).index(0.0)
    local = np.diff(change) / np.diff(amounts)
    low = high = middle
    while high < len(local) and local[high] >= min_slope:
        high += 1
    while low > 0 and local[low - 1] >= min_slope:
        low -= 1
    return amounts[low], amounts[high]
