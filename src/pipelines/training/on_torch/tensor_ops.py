"""Tensor functions of style transfer in torch, for images and features (batch, channels, height, width).

They compute in float32 even under mixed precision, because differences of large sums are inaccurate in bfloat16. Call
them outside of `torch.autocast`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from pipelines.training.style_transfer import MAX_SHIFT

height_axis = 2


def gram(features: Tensor) -> Tensor:
    """F Fᵀ / HW of each image: (batch, channels, height, width) → (batch, channels, channels)."""
    rows = features.float().flatten(2)
    return rows @ rows.transpose(1, 2) / rows.shape[2]


def relative_distance(actual: Tensor, reference: Tensor) -> Tensor:
    """‖actual - reference‖ / ‖reference‖, Frobenius norms over all axes but the first: (batch,).

    The smallest result is 1e-4, because the square root has no gradient at 0.
    """
    actual, reference = actual.float(), reference.float()
    squared_difference = (actual - reference).flatten(1).square().sum(1)
    return (squared_difference / reference.flatten(1).square().sum(1) + 1e-8).sqrt()


def mean(values: Tensor) -> Tensor:
    """Mean of all elements."""
    return values.mean()


def stack(values: Sequence[Tensor]) -> Tensor:
    """Stack tensors along a new first axis."""
    return torch.stack(list(values))


def shifted(images: Tensor, offset: tuple[int, int]) -> Tensor:
    """Move images up and left by `offset` - `MAX_SHIFT` pixels, with reflection padding."""
    top, left = offset
    padded = functional.pad(images, [MAX_SHIFT] * 4, mode="reflect")
    return padded[:, :, top : top + images.shape[2], left : left + images.shape[3]]
