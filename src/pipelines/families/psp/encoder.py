"""The pSp encoder (Richardson et al. 2021, arXiv:2008.00951): an image → its latents, one vector for each layer.

A feature pyramid has three levels, at 1/16, 1/8 and 1/4 of the size. They give the latents of coarse, middle and fine
layers of the generator, as differences from the mean latent vector.

As in e4e (Tov et al. 2021, arXiv:2102.02766, section 4.1), the first vector is predicted, and for each other layer its
offset from the first one. A small offset keeps the latents near the space W, in which edits work better.
"""

from typing import Any

import torch
from torch import Tensor, nn

from pipelines.families.psp.layers import DownPath, EqualConv, EqualLinear, doubled
from pipelines.families.psp.settings import ModelSettings

COARSE, MIDDLE = 3, 4
"""Number of layers with coarse and with middle latents, as in pSp; the others are fine."""
LEVELS = 3
HEAD_SIDE = 4
"""Side to which a head reduces its level, in pixels."""


class Head(nn.Module):
    """One level of the pyramid (n, channels, side, side) → latent vectors (n, vectors, width), at first all 0."""

    def __init__(self, channels: int, side: int, vectors: int, width: int) -> None:
        super().__init__()
        halvings = max(0, (side // HEAD_SIDE).bit_length() - 1)
        self.convolutions = nn.Sequential(*(EqualConv(channels, channels, 3, stride=2) for _ in range(halvings)))
        self.output = EqualLinear(channels * (side >> halvings) ** 2, vectors * width)
        nn.init.zeros_(self.output.weight)
        self._width = width

    def forward(self, x: Tensor) -> Tensor:
        vectors: Tensor = self.output(self.convolutions(x).flatten(1)).float()
        return vectors.reshape(x.shape[0], -1, self._width)  # len() would fix the batch in an export


class Encoder(nn.Module):
    """Images (n, 3, size, size), -1 to 1 → latents (n, layers, width).

    The buffer `mean_latent` (width,) is the mean of the mapping network's vectors. It must be set before the training.
    """

    mean_latent: Tensor

    def __init__(self, model: ModelSettings) -> None:
        super().__init__()
        channels, width = model.path, model.width
        self.path = DownPath(channels)
        fine_to_coarse = channels[2:][:LEVELS]
        self.lateral = nn.ModuleList(EqualConv(c, model.pyramid, 1, activate=False) for c in fine_to_coarse)
        vectors = (model.layers - COARSE - MIDDLE, MIDDLE, COARSE)
        self.heads = nn.ModuleList(
            Head(model.pyramid, model.size >> (2 + level), count, width) for level, count in enumerate(vectors)
        )
        self.register_buffer("mean_latent", torch.zeros(width))

    @property
    def outputs(self) -> nn.ModuleList:
        """The output layers."""
        return nn.ModuleList(head.get_submodule("output") for head in self.heads)

    def forward(self, images: Tensor) -> Tensor:
        # The first block halves the size; the levels begin at a quarter.
        levels = self.path(images)[1:][:LEVELS]
        vectors: list[Any] = []
        above: Tensor | None = None
        for features, lateral, head in reversed(list(zip(levels, self.lateral, self.heads, strict=True))):
            x = lateral(features)
            above = x if above is None else x + doubled(above)
            vectors.append(head(above))
        first, *offsets = torch.split(torch.cat(vectors, dim=1), 1, dim=1)
        return self.mean_latent + torch.cat([first, *(first + offset for offset in offsets)], dim=1)


def offset_penalty(latents: Tensor) -> Tensor:
    """Mean square of the offsets of latents (n, layers, width) from the first vector."""
    return (latents[:, 1:] - latents[:, :1]).square().mean()
