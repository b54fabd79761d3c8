"""Random changes of a whole batch at once: affine and elastic maps in one resampling, and mixing of pairs.

Chance is drawn on the CPU from a generator that the caller seeds, so a batch changes the same way on every device.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

ELASTIC_NODES = 5
"""The elastic map is drawn at 5 × 5 places and is smooth between them."""


@dataclass(frozen=True)
class Augmentation:
    """Mirror, turn, stretch, slant, shift and bend each picture of a batch by amounts of its own.

    Attributes
    ----------
    flip
        Probability of mirroring left to right.
    rotation
        Largest angle, degrees either way.
    scale
        Largest stretch of each axis, natural logarithm either way.
    shear
        Largest slant either way.
    shift
        Largest shift of each axis, as a fraction of half the picture, either way.
    elastic
        Largest shift of each node of a smooth random field, as a fraction of half the picture (Simard et al., 2003).
    """

    flip: float
    rotation: float
    scale: float
    shear: float
    shift: float
    elastic: float

    def __call__(self, images: Tensor, chance: np.random.Generator) -> Tensor:
        """Float (n, c, h, w) → the same shape; what comes in from outside the picture is black (0)."""
        # In float32 also under mixed precision: bfloat16 places would be off by a tenth of a pixel.
        with torch.no_grad(), torch.autocast(images.device.type, enabled=False):
            transforms = self.transforms(len(images), chance).to(images.device)
            bend = self.bend(len(images), chance).to(images.device)
            grid = functional.affine_grid(transforms, list(images.shape), align_corners=False)
            smooth = functional.interpolate(bend, images.shape[2:], mode="bicubic", align_corners=True)
            return functional.grid_sample(images, grid + smooth.permute(0, 2, 3, 1), align_corners=False)

    def transforms(self, n: int, chance: np.random.Generator) -> Tensor:
        """Random maps (n, 2, 3) from a place in the new picture to one in the old, both in -1..1."""
        angle, stretch_x, stretch_y, slant, shift_x, shift_y = _even(chance, 6, n)
        cos, sin = torch.cos(angle * math.radians(self.rotation)), torch.sin(angle * math.radians(self.rotation))
        mirror = torch.from_numpy(np.where(chance.random(n) < self.flip, np.float32(-1), np.float32(1)))
        along_x = mirror * torch.exp(stretch_x * self.scale)
        along_y = torch.exp(stretch_y * self.scale)
        row_x = torch.stack([along_x * cos, along_y * (slant * self.shear - sin), shift_x * self.shift], dim=1)
        row_y = torch.stack([along_x * sin, along_y * cos, shift_y * self.shift], dim=1)
        return torch.stack([row_x, row_y], dim=1)

    def bend(self, n: int, chance: np.random.Generator) -> Tensor:
        """Random shifts (n, 2, nodes, nodes) of the elastic map's nodes, in units of half the picture."""
        return _even(chance, n, 2, ELASTIC_NODES, ELASTIC_NODES) * self.elastic


def mixup(images: Tensor, targets: Tensor, alpha: float, chance: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Blend each item of a batch with another one, picture and target alike (Zhang et al., 2017).

    Parameters
    ----------
    images
        Float (n, c, h, w).
    targets
        Float (n, classes), each row a distribution.
    alpha
        One weight for the batch is drawn from Beta(alpha, alpha); 0 leaves the batch as it is.
    """
    if alpha == 0:
        return images, targets
    weight = chance.beta(alpha, alpha)
    weight = max(weight, 1 - weight)
    partner = torch.from_numpy(chance.permutation(len(images))).to(images.device)
    return torch.lerp(images[partner], images, weight), torch.lerp(targets[partner], targets, weight)


def _even(chance: np.random.Generator, *shape: int) -> Tensor:
    """Evenly from -1..1, float32."""
    return torch.from_numpy(chance.random(shape, dtype=np.float32)) * 2 - 1
