"""Tensor functions of style transfer in torch, for images and features (batch, channels, height, width)."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from pipelines.training.style_transfer import MAX_SHIFT

height_axis = 2


def gram(features: Tensor) -> Tensor:
    """F Fᵀ / HW of each image: (batch, channels, height, width) → (batch, channels, channels)."""
    rows = features.flatten(2)
    return rows @ rows.transpose(1, 2) / rows.shape[2]


def relative_distance(these: Tensor, those: Tensor) -> Tensor:
    """‖these - those‖ / ‖those‖ over all but the first axis (Frobenius): (batch,).

    The square root has no gradient where both are equal, so the smallest result is 1e-4.
    """
    away = (these - those).flatten(1).square().sum(1)
    return (away / those.flatten(1).square().sum(1) + 1e-8).sqrt()


def mean(values: Tensor) -> Tensor:
    """Of all elements."""
    return values.mean()


def stack(values: Sequence[Tensor]) -> Tensor:
    """Along a new first axis."""
    return torch.stack(list(values))


def shifted(images: Tensor, offset: tuple[int, int]) -> Tensor:
    """Images moved up and left by `offset` - `MAX_SHIFT` pixels, mirrored at the border."""
    down, right = offset
    padded = functional.pad(images, [MAX_SHIFT] * 4, mode="reflect")
    return padded[:, :, down : down + images.shape[2], right : right + images.shape[3]]
