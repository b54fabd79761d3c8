"""The networks as they are exported: images (batch, size, size, 3), RGB from 0 to 255, without noise."""

import torch
from torch import Tensor, nn

from pipelines.families.psp.encoder import Encoder
from pipelines.families.psp.generator import Mapping, Synthesis


class ServedEncoder(nn.Module):
    """Images (batch, size, size, 3) → latents (batch, layers, width)."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, image: Tensor) -> Tensor:
        latents: Tensor = self.encoder(image.permute(0, 3, 1, 2) / 127.5 - 1)
        return latents


class ServedDecoder(nn.Module):
    """Latents (batch, layers, width) → images (batch, size, size, 3)."""

    def __init__(self, synthesis: Synthesis) -> None:
        super().__init__()
        self.synthesis = synthesis

    def forward(self, latents: Tensor) -> Tensor:
        picture: Tensor = ((self.synthesis(latents) + 1) * 127.5).clamp(0, 255).permute(0, 2, 3, 1)
        return picture


class ServedMapping(nn.Module):
    """Noise (batch, z) → latents (batch, layers, width), the same for all layers."""

    def __init__(self, mapping: Mapping, layers: int) -> None:
        super().__init__()
        self.mapping = mapping
        self._layers = layers

    def forward(self, noise: Tensor) -> Tensor:
        latents: Tensor = self.mapping(noise)[:, None].repeat(1, self._layers, 1)
        return latents


def channels_first(module: nn.Module) -> nn.Module:
    """The module in evaluation mode, with weights in the usual layout and without gradients, for the exporter."""
    result: nn.Module = module.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # gap in stubs
    return result.eval().requires_grad_(False)
