"""Random edits of the joint stage, and whether they did what was asked."""

from typing import NamedTuple

import torch
from torch import Tensor

MARGIN = 0.5
"""How far beyond the usual values of an attribute an edit is asked to go, in standard deviations."""


class EditBounds(NamedTuple):
    """Usual values of the attributes in standard deviations, (attributes,) each."""

    lowest: Tensor
    highest: Tensor


def random_edits(count: int, attributes: int, largest: float, generator: torch.Generator) -> Tensor:
    """Edits (count, attributes) in standard deviations: one attribute of each face, the others 0."""
    chosen = torch.randint(attributes, (count,), generator=generator)
    amounts = largest * (2 * torch.rand(count, generator=generator) - 1)
    return torch.zeros(count, attributes).scatter_(1, chosen[:, None], amounts[:, None])


def edited(latents: Tensor, directions: Tensor, edits: Tensor) -> Tensor:
    """Latents (n, layers, width) after edits (n, attributes) along directions (attributes, layers, width)."""
    return latents + torch.einsum("na,alw->nlw", edits, directions)


def edit_losses(before: Tensor, after: Tensor, edits: Tensor, bounds: EditBounds) -> dict[str, Tensor]:
    """The losses `moved` and `kept`: mean squared errors, in standard deviations.

    Parameters
    ----------
    before, after
        Attributes of reconstructions and edits, as the regressor sees them, (n, attributes).
    edits
        As of `random_edits`.
    bounds
        A face is not asked to go far beyond them: nobody is made younger than a baby.
    """
    asked = edits != 0
    wanted = (before + edits).clamp(bounds.lowest - MARGIN, bounds.highest + MARGIN)
    # Where a value is beyond its range already, an edit must not turn around.
    wanted = torch.where(edits > 0, torch.maximum(wanted, before), torch.minimum(wanted, before))
    error = (after - torch.where(asked, wanted, before).detach()).square()
    return {
        "moved": (error * asked).sum() / asked.sum().clamp_min(1),
        "kept": (error * ~asked).sum() / (~asked).sum().clamp_min(1),
    }
