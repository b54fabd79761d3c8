"""The losses of all networks."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def realistic(scores: Tensor) -> Tensor:
    """Non-saturating loss of a generator for the scores of its images (Goodfellow et al. 2014, section 3)."""
    return functional.softplus(-scores).mean()


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Logistic loss: scores of real images shall be large, those of others small."""
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def gradient_penalty(discriminator: Callable[[Tensor], Tensor], real: Tensor) -> Tensor:
    """R1: mean squared gradient of the scores of real images (Mescheder et al. 2018, arXiv:1801.04406, equation 9)."""
    with torch.autocast(real.device.type, enabled=False):
        real = real.detach().float().requires_grad_()
        (gradient,) = torch.autograd.grad(discriminator(real).sum(), real, create_graph=True)
    return gradient.square().flatten(1).sum(1).mean()


def regression_loss(predicted: Tensor, labels: Tensor) -> Tensor:
    """Mean squared error over the labels that are not NaN, (n, attributes) each."""
    known = labels.isfinite()
    difference = torch.where(known, predicted - labels, torch.zeros_like(labels))
    return difference.square().sum() / known.sum().clamp_min(1)


def cycle_loss(found: Tensor, latents: Tensor) -> Tensor:
    """Mean squared difference of latents, relative to their variance over the batch, (n, layers, width) each.

    Relative, because otherwise small latents would have a small loss. The target is a constant.
    """
    target = latents.detach()
    return (found - target).square().mean() / target.var(0).mean().clamp_min(1e-8)
