"""The generator of StyleGAN2 (Karras et al. 2020, arXiv:1912.04958): noise → latents → image.

The style is applied to the activations and not to the weights: x · s → convolution → · demodulation. The results are
the same, but a batch needs no grouped convolution. It trains faster on a CPU and exports with a dynamic batch.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.families.psp.layers import GAIN, SLOPE, EqualLinear, doubled
from pipelines.families.psp.settings import SMALLEST_SIDE, ModelSettings

MAPPING_LEARNING_RATE = 0.01
"""Factor of the learning rate of the mapping network, as in the paper."""


class Mapping(nn.Module):
    """Noise (n, z) → a latent vector (n, width): normalization and some fully connected layers."""

    def __init__(self, noise: int, width: int, depth: int) -> None:
        super().__init__()
        sizes = [noise, *[width] * depth]
        self.layers = nn.ModuleList(
            EqualLinear(inputs, width, activate=True, learning_rate=MAPPING_LEARNING_RATE) for inputs in sizes[:-1]
        )

    def forward(self, noise: Tensor) -> Tensor:
        x = noise * (noise.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        for layer in self.layers:
            x = layer(x)
        return x


class ModulatedConv(nn.Module):
    """A convolution whose weights depend on the latent vector: (n, inputs, h, w), (n, width) → (n, outputs, h, w)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.style = EqualLinear(width, inputs, bias=1.0)
        self._scale = 1 / math.sqrt(inputs * kernel**2)
        self._padding = kernel // 2

    def forward(self, x: Tensor, latent: Tensor) -> tuple[Tensor, Tensor]:
        """The outputs, and the demodulation (n, outputs): 1 / their standard deviation for inputs of unit variance."""
        style, weight = self.style(latent), self.weight * self._scale
        y = functional.conv2d(x * style[:, :, None, None].to(x.dtype), weight, padding=self._padding)
        with torch.autocast(x.device.type, enabled=False):
            variance = style.float().square() @ weight.float().square().sum((2, 3)).T
            return y, (variance + 1e-8).rsqrt()


class StyledConv(nn.Module):
    """A modulated convolution, noise for details, bias, and a leaky ReLU; optionally to twice the size.

    The size is doubled after the convolution, which costs a quarter of a convolution at twice the size.
    """

    def __init__(self, inputs: int, outputs: int, width: int, up: bool) -> None:
        super().__init__()
        self.convolution = ModulatedConv(inputs, outputs, 3, width)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self._up = up

    def forward(self, x: Tensor, latent: Tensor, generator: torch.Generator | None) -> Tensor:
        y, demodulation = self.convolution(x, latent)
        y = y * (GAIN * demodulation[:, :, None, None]).to(y.dtype)
        y = doubled(y) if self._up else y
        if generator is not None:
            noise = torch.randn(len(y), 1, *y.shape[2:], generator=generator).to(y.device)
            y = y + (GAIN * self.noise_strength * noise).to(y.dtype)
        return functional.leaky_relu(y + (GAIN * self.bias[:, None, None]).to(y.dtype), SLOPE)


class ToRgb(nn.Module):
    """Features → their part of the image, (n, 3, h, w): a modulated 1 × 1 convolution without demodulation."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.convolution = ModulatedConv(inputs, 3, 1, width)

    def forward(self, x: Tensor, latent: Tensor) -> Tensor:
        image: Tensor = self.convolution(x, latent)[0].float()
        return image


class Synthesis(nn.Module):
    """Latents (n, layers, width), one vector a layer → images (n, 3, size, size), about -1 to 1.

    The image is a sum of the images of all resolutions (skip architecture, figure 7b of the paper). The layers are in
    the order of the convolutions, coarse to fine; the last one is for the colors of the finest resolution only.
    """

    def __init__(self, model: ModelSettings) -> None:
        super().__init__()
        channels, width = model.path[::-1], model.width
        self.constant = nn.Parameter(torch.randn(1, channels[0], SMALLEST_SIDE, SMALLEST_SIDE))
        self.first = StyledConv(channels[0], channels[0], width, up=False)
        self.up = nn.ModuleList(StyledConv(*pair, width, up=True) for pair in pairwise(channels))
        self.same = nn.ModuleList(StyledConv(c, c, width, up=False) for c in channels[1:])
        self.to_rgb = nn.ModuleList(ToRgb(c, width) for c in channels)
        self.color = nn.Parameter(torch.zeros(3))

    def forward(self, latents: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The images.

        Parameters
        ----------
        generator
            Source of the noise. None: without noise, so that the images are a function of the latents.
        """
        count = latents.shape[0]  # len() would fix the batch in an export
        x = self.first(self.constant.expand(count, -1, -1, -1), latents[:, 0], generator)
        image = self.to_rgb[0](x, latents[:, 1])
        for level, (up, same, to_rgb) in enumerate(zip(self.up, self.same, self.to_rgb[1:], strict=True)):
            x = up(x, latents[:, 2 * level + 1], generator)
            x = same(x, latents[:, 2 * level + 2], generator)
            image = doubled(image) + to_rgb(x, latents[:, 2 * level + 3])
        result: Tensor = image + self.color[:, None, None]
        return result
