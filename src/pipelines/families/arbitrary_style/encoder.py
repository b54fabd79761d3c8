"""The encoder: the frozen perceptual network, with its layers grouped by resolution."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.layers import Architecture
from pipelines.training.on_torch.perceptual import FeatureExtractor
from pipelines.training.style_transfer import BORDER

COLORS = "colors"
"""Name of an additional layer: the image itself, whose statistics describe the palette."""


class Level(NamedTuple):
    """The layers of one resolution."""

    stride: int
    """Distance of neighboring features, in pixels of the image."""
    layers: tuple[str, ...]
    channels: int
    """Number of channels of all layers together."""


def levels(architecture: Architecture) -> list[Level]:
    """The levels from fine to coarse. The finest level contains the colors of the image."""
    channels, strides = architecture.channels | {COLORS: 3}, architecture.strides | {COLORS: 1}
    names = (COLORS, *architecture.feature_layers)
    groups = {stride: tuple(name for name in names if strides[name] == stride) for stride in sorted(strides.values())}
    return [Level(stride, group, sum(channels[name] for name in group)) for stride, group in groups.items() if group]


class Encoder(nn.Module):
    """Features of images at the style layers and the content layer, and their colors.

    It has no parameters, and its weights are not saved in checkpoints.

    Parameters
    ----------
    perceptual
        The perceptual network.
    """

    def __init__(self, perceptual: Perceptual) -> None:
        super().__init__()
        self.levels = levels(perceptual.architecture)
        self.layers = tuple(name for level in self.levels for name in level.layers)
        """Names of the layers, in the order of the statistics."""
        self._extractor = FeatureExtractor(perceptual)
        self._padding, self._crop = _padding(perceptual.architecture)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Layer → features (batch, channels, height, width).

        Parameters
        ----------
        image
            float32 (batch, 3, height, width), RGB from 0 to 255, of at least 32 pixels a side.
        """
        features: Mapping[str, Tensor] = self._extractor(functional.pad(image, [self._padding] * 4, mode="reflect"))
        crop = {name: self._crop // level.stride for level in self.levels for name in level.layers}
        return {COLORS: image} | {name: _without_border(x, crop[name]) for name, x in features.items()}


def _without_border(features: Tensor, width: int) -> Tensor:
    return features[:, :, width:-width, width:-width] if width else features


def _padding(architecture: Architecture) -> tuple[int, int]:
    """Pixels of reflection padding around the image, and pixels that are cropped from the features afterwards.

    A first layer without padding would lose the border of the image. With zero padding, the features would contain a
    dark border, which would appear in the output of the decoder.
    """
    first = architecture.convolutions[0]
    return (BORDER, BORDER) if first.padded else (first.size // 2, 0)
