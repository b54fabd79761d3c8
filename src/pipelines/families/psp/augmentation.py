"""Differentiable augmentation of images: DiffAugment (Zhao et al. 2020, arXiv:2006.10738)."""

import torch
from torch import Tensor
from torch.nn import functional

from pipelines.training.discriminator_augmentation import AugmentationSettings


def augment(images: Tensor, settings: AugmentationSettings, generator: torch.Generator) -> Tensor:
    """Change color and position of images (n, 3, h, w), -1 to 1, and hide a square.

    Colors and square differ from image to image. The shift is the same for all images of a call.
    """
    if settings.color:
        images = _change_color(images, settings.color, generator)
    if settings.translation:
        images = _shift(images, settings.translation, generator)
    if settings.cutout:
        images = _cut_out(images, settings.cutout, generator)
    return images


def _uniform(*shape: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """Between -1 and 1."""
    return (2 * torch.rand(*shape, generator=generator) - 1).to(device)


def _change_color(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    brightness, saturation, contrast = _uniform(
        3, len(images), 1, 1, 1, generator=generator, device=images.device
    ).unbind()
    gray = images.mean(1, keepdim=True)
    images = gray + (images - gray) * (1 + 2 * strength * saturation)
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + 2 * strength * brightness + (images - mean) * (1 + 2 * strength * contrast)


def _shift(images: Tensor, fraction: float, generator: torch.Generator) -> Tensor:
    """Shift by up to `fraction` of the side, with gray beyond the border."""
    height, width = images.shape[2:]
    most = int(fraction * height)
    top, left = torch.randint(0, 2 * most + 1, (2,), generator=generator).tolist()
    return functional.pad(images, [most] * 4)[:, :, top : top + height, left : left + width]


def _cut_out(images: Tensor, fraction: float, generator: torch.Generator) -> Tensor:
    """Paint a square gray, at a random position that may extend beyond the border."""
    count, _, height, width = images.shape
    center = (_uniform(2, count, 1, 1, generator=generator, device=images.device) + 1) / 2
    rows = (torch.arange(height, device=images.device) + 0.5)[None, :, None] / height
    columns = (torch.arange(width, device=images.device) + 0.5)[None, None, :] / width
    inside = ((rows - center[0]).abs() < fraction / 2) & ((columns - center[1]).abs() < fraction / 2)
    return images.masked_fill(inside[:, None], 0.0)
