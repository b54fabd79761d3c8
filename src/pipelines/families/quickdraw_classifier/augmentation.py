"""Augmentation of whole batches: affine and elastic transforms in one resampling, and mixup.

Random numbers come from a generator on the CPU, so that a batch is augmented in the same way on every device.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

ELASTIC_NODES = 5
"""The elastic transform has random shifts at 5 × 5 nodes, which are interpolated smoothly."""


@dataclass(frozen=True)
class Augmentation:
    """Apply a random flip, rotation, scaling, shear, shift and elastic transform to each image of a batch.

    Attributes
    ----------
    flip
        Probability of mirroring left to right.
    rotation
        Largest angle in degrees, in both directions.
    scale
        Largest natural logarithm of the scale factor of each axis, positive or negative.
    shear
        Largest shear factor, positive or negative.
    shift
        Largest shift of each axis in both directions, as a fraction of half the image size.
    elastic
        Largest shift of each node of the elastic transform, as a fraction of half the image size (Simard et al., 2003).
    """

    flip: float
    rotation: float
    scale: float
    shear: float
    shift: float
    elastic: float

    def __call__(self, images: Tensor, rng: np.random.Generator) -> Tensor:
        """float (n, c, h, w) → the same shape. Pixels from outside the image are black (0)."""
        # In float32 even under mixed precision: in bfloat16, positions are wrong by a tenth of a pixel.
        with torch.no_grad(), torch.autocast(images.device.type, enabled=False):
            matrices = self.affine_matrices(len(images), rng).to(images.device)
            node_shifts = self.elastic_shifts(len(images), rng).to(images.device)
            grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)
            shifts = functional.interpolate(node_shifts, images.shape[2:], mode="bicubic", align_corners=True)
            return functional.grid_sample(images, grid + shifts.permute(0, 2, 3, 1), align_corners=False)

    def affine_matrices(self, n: int, rng: np.random.Generator) -> Tensor:
        """Random matrices (n, 2, 3) from positions in the new image to positions in the old image, both in -1..1."""
        angle, scale_x, scale_y, shear, shift_x, shift_y = _uniform(rng, 6, n)
        cos, sin = torch.cos(angle * math.radians(self.rotation)), torch.sin(angle * math.radians(self.rotation))
        flip = torch.from_numpy(np.where(rng.random(n) < self.flip, np.float32(-1), np.float32(1)))
        factor_x = flip * torch.exp(scale_x * self.scale)
        factor_y = torch.exp(scale_y * self.scale)
        row_x = torch.stack([factor_x * cos, factor_y * (shear * self.shear - sin), shift_x * self.shift], dim=1)
        row_y = torch.stack([factor_x * sin, factor_y * cos, shift_y * self.shift], dim=1)
        return torch.stack([row_x, row_y], dim=1)

    def elastic_shifts(self, n: int, rng: np.random.Generator) -> Tensor:
        """Random shifts (n, 2, nodes, nodes) of the nodes of the elastic transform, in units of half the image size."""
        return _uniform(rng, n, 2, ELASTIC_NODES, ELASTIC_NODES) * self.elastic


def mixup(images: Tensor, targets: Tensor, alpha: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Blend each item of a batch with another item, images and targets alike (Zhang et al., 2017).

    Parameters
    ----------
    images
        float (n, c, h, w).
    targets
        float (n, classes), each row a probability distribution.
    alpha
        The weight, one for the whole batch, is drawn from Beta(alpha, alpha). 0: the batch is not changed.
    """
    if alpha == 0:
        return images, targets
    weight = rng.beta(alpha, alpha)
    weight = max(weight, 1 - weight)
    partner = torch.from_numpy(rng.permutation(len(images))).to(images.device)
    return torch.lerp(images[partner], images, weight), torch.lerp(targets[partner], targets, weight)


def _uniform(rng: np.random.Generator, *shape: int) -> Tensor:
    """float32, uniformly distributed in -1..1."""
    return torch.from_numpy(rng.random(shape, dtype=np.float32)) * 2 - 1
