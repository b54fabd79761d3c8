"""Layers with an equalized learning rate, and the filter for resizing, as in StyleGAN2."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2
"""Negative slope of the leaky ReLUs."""
GAIN = math.sqrt(2)
"""Factor of the leaky ReLUs, which keeps the variance of the activations (He et al. 2015, arXiv:1502.01852). It is
applied to weights and biases, where it costs nothing: gain · relu(x) = relu(gain · x)."""


class EqualLinear(nn.Module):
    """A linear layer with an equalized learning rate: (n, inputs) → (n, outputs).

    The stored weights have a standard deviation of 1 / `learning_rate`. They are scaled when they are used, so that
    Adam changes all layers at the same relative speed (Karras et al. 2018, arXiv:1710.10196, section 4.1).

    Parameters
    ----------
    bias
        Initial value of the bias.
    activate
        Whether a leaky ReLU follows.
    learning_rate
        Factor of the learning rate.
    """

    def __init__(
        self, inputs: int, outputs: int, bias: float = 0.0, activate: bool = False, learning_rate: float = 1.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / learning_rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / learning_rate))
        self._activate = activate
        self._bias_scale = learning_rate * (GAIN if activate else 1.0)
        self._scale = self._bias_scale / math.sqrt(inputs)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.linear(x, self.weight * self._scale, self.bias * self._bias_scale)
        return functional.leaky_relu(x, SLOPE) if self._activate else x


class EqualConv(nn.Module):
    """A convolution with an equalized learning rate, padded with zeros: (n, inputs, h, w) → (n, outputs, h', w').

    Parameters
    ----------
    activate
        Whether a leaky ReLU follows.
    gain
        Factor of the output.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, activate: bool = True, gain: float = 1.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self._activate = activate
        self._gain = gain * (GAIN if activate else 1.0)
        self._scale = self._gain / math.sqrt(inputs * kernel**2)
        self._stride, self._padding = stride, kernel // 2

    def forward(self, x: Tensor) -> Tensor:
        x = functional.conv2d(x, self.weight * self._scale, self.bias * self._gain, self._stride, self._padding)
        return functional.leaky_relu(x, SLOPE) if self._activate else x


class DownBlock(nn.Module):
    """Two convolutions and a shortcut, to half the size: (n, inputs, h, w) → (n, outputs, h / 2, w / 2).

    The residual block of StyleGAN2's discriminator (Karras et al. 2020, arXiv:1912.04958, figure 7c).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = EqualConv(inputs, inputs, 3)
        # The sum of two parts has twice their variance.
        self.conv2 = EqualConv(inputs, outputs, 3, gain=math.sqrt(0.5))
        self.shortcut = EqualConv(inputs, outputs, 1, activate=False, gain=math.sqrt(0.5))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv2(halved(self.conv1(x))) + self.shortcut(halved(x))
        return result


class DownPath(nn.Module):
    """Images (n, 3, size, size) → features at half of the side, a quarter and so on, down to 4 pixels.

    Parameters
    ----------
    channels
        Number of channels at full size, at half of it and so on.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.from_rgb = EqualConv(3, channels[0], 1)
        self.blocks = nn.ModuleList(DownBlock(*pair) for pair in pairwise(channels))

    def forward(self, images: Tensor) -> list[Tensor]:
        x, features = self.from_rgb(images), []
        for block in self.blocks:
            x = block(x)
            features.append(x)
        return features


def doubled(x: Tensor) -> Tensor:
    """Twice the height and width by bilinear interpolation, which is StyleGAN2's filter [1, 3, 3, 1]."""
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def halved(x: Tensor) -> Tensor:
    """Half the height and width, by means of 2 × 2 pixels."""
    return functional.avg_pool2d(x, 2)
