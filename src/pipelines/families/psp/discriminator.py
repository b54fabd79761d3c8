"""The discriminator of StyleGAN2 for images, and that of e4e for latent vectors."""

import math

import torch
from torch import Tensor, nn

from pipelines.families.psp.layers import DownPath, EqualConv, EqualLinear
from pipelines.families.psp.settings import ModelSettings
from pipelines.families.psp.training_settings import DEVIATION_GROUP

LATENT_LAYERS = 3
"""Hidden layers of the discriminator for latent vectors."""


class Discriminator(nn.Module):
    """Images (n, 3, size, size), -1 to 1 → scores (n,), large for real ones (Karras et al. 2020, figure 7c)."""

    def __init__(self, model: ModelSettings) -> None:
        super().__init__()
        channels = model.path
        self.path = DownPath(channels)
        self.last = EqualConv(channels[-1] + 1, channels[-1], 3)
        self.hidden = EqualLinear(16 * channels[-1], channels[-1], activate=True)
        self.score = EqualLinear(channels[-1], 1)

    def forward(self, images: Tensor) -> Tensor:
        x = self.path(images)[-1]
        x = self.last(torch.cat([x, batch_deviation(x)], dim=1))
        scores: Tensor = self.score(self.hidden(x.flatten(1)))[:, 0].float()
        return scores


def batch_deviation(x: Tensor) -> Tensor:
    """Standard deviation over groups of images, as a further channel: (n, c, h, w) → (n, 1, h, w).

    It shows the discriminator that images lack diversity (Karras et al. 2018, arXiv:1710.10196, section 3).
    """
    n, _, h, w = x.shape
    group = math.gcd(n, DEVIATION_GROUP)
    y = x.float().reshape(group, n // group, -1)
    deviation = (y.var(0, correction=0) + 1e-8).sqrt().mean(1)
    return deviation.repeat(group)[:, None, None, None].expand(n, 1, h, w).to(x.dtype)


class LatentDiscriminator(nn.Module):
    """Latent vectors (n, width) → scores (n,), large for those of the mapping network.

    It keeps the encoder's vectors in the space that the generator knows (Tov et al. 2021, arXiv:2102.02766, section
    4.2).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        layers = [EqualLinear(width, width, activate=True) for _ in range(LATENT_LAYERS)]
        self.layers = nn.Sequential(*layers, EqualLinear(width, 1))

    def forward(self, latents: Tensor) -> Tensor:
        scores: Tensor = self.layers(latents)[:, 0].float()
        return scores
