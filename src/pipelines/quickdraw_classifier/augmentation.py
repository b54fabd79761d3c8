"""Random affine changes of a whole batch at once.

Chance is drawn on the CPU from a generator that the caller seeds, so a batch changes the same way on every device.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Augmentation:
    """Mirror, turn, stretch, slant and shift each picture of a batch by amounts of its own.

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
    """

    flip: float
    rotation: float
    scale: float
    shear: float
    shift: float

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Float (n, c, h, w) → the same shape; what comes in from outside the picture is black (0)."""
        # In float32 also under mixed precision: bfloat16 places would be off by a tenth of a pixel.
        with torch.no_grad(), torch.autocast(images.device.type, enabled=False):
            transform = self.transforms(len(images), generator).to(images.device)
            grid = functional.affine_grid(transform, list(images.shape), align_corners=False)
            return functional.grid_sample(images, grid, align_corners=False)

    def transforms(self, n: int, generator: torch.Generator) -> Tensor:
        """Random maps (n, 2, 3) from a place in the new picture to one in the old, both in -1..1."""
        # One draw of fixed order: `-1..1` for angle, stretch x, stretch y, slant, shift x, shift y, mirror.
        chance = torch.rand(7, n, generator=generator) * 2 - 1
        angle = chance[0] * math.radians(self.rotation)
        stretch_x, stretch_y = torch.exp(chance[1:3] * self.scale)
        slant = chance[3] * self.shear
        shift_x, shift_y = chance[4:6] * self.shift
        mirror = torch.where(chance[6] < 2 * self.flip - 1, -1.0, 1.0)
        cos, sin = torch.cos(angle), torch.sin(angle)
        row_x = torch.stack([mirror * stretch_x * cos, stretch_y * (slant - sin), shift_x], dim=1)
        row_y = torch.stack([mirror * stretch_x * sin, stretch_y * cos, shift_y], dim=1)
        return torch.stack([row_x, row_y], dim=1)
