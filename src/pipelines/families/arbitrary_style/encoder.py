"""The encoder: the perceptual network itself, frozen, and its levels of resolution."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.layers import Architecture
from pipelines.training.on_torch.perceptual import FeatureExtractor
from pipelines.training.style_transfer import BORDER

COLORS = "colors"
"""The image itself as one more layer: its statistics are the palette."""


class Level(NamedTuple):
    """Layers of one resolution."""

    stride: int
    """Distance of two neighboring positions of these features, in pixels of the image."""
    layers: tuple[str, ...]
    channels: int
    """Of all of them together."""


def levels(architecture: Architecture) -> list[Level]:
    """Fine to coarse; the finest one holds the colors of the image."""
    channels, strides = architecture.channels | {COLORS: 3}, architecture.strides | {COLORS: 1}
    names = (COLORS, *architecture.feature_layers)
    groups = {stride: tuple(name for name in names if strides[name] == stride) for stride in sorted(strides.values())}
    return [Level(stride, group, sum(channels[name] for name in group)) for stride, group in groups.items() if group]


class Encoder(nn.Module):
    """Features of images at the layers of style and content, and their colors; it has no trainable or saved weights.

    Parameters
    ----------
    perceptual
        Which network.
    """

    def __init__(self, perceptual: Perceptual) -> None:
        super().__init__()
        self.levels = levels(perceptual.architecture)
        self.names = tuple(name for level in self.levels for name in level.layers)
        """The layers in the order of the statistics."""
        self._extractor = FeatureExtractor(perceptual)
        self._margin, self._cut = _margin(perceptual.architecture)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Name → features (batch, channels, height, width), the coarser ones of a part of the image's size.

        Parameters
        ----------
        image
            float32 (batch, 3, height, width), RGB from 0 to 255, of at least 32 pixels a side.
        """
        features: Mapping[str, Tensor] = self._extractor(functional.pad(image, [self._margin] * 4, mode="reflect"))
        cut = {name: self._cut // level.stride for level in self.levels for name in level.layers}
        return {COLORS: image} | {name: _without_border(x, cut[name]) for name, x in features.items()}


def _without_border(features: Tensor, width: int) -> Tensor:
    return features[:, :, width:-width, width:-width] if width else features


def _margin(architecture: Architecture) -> tuple[int, int]:
    """Pixels that are mirrored around the image, and how many of them are taken off the features again.

    A first layer that pads nothing would not see the border; one that pads with zeros, and those after it, would see a
    dark frame, which the decoder would paint.
    """
    first = architecture.convolutions[0]
    return (BORDER, BORDER) if first.padded else (first.size // 2, 0)
