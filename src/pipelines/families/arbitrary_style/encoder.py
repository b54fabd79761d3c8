"""The encoder: the perceptual network itself, frozen, and its levels of resolution."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.layers import Architecture
from pipelines.training.on_torch.perceptual import Taps
from pipelines.training.style_transfer import FRAME

COLOURS = "colours"
"""The image itself, as if it were one more tap: its statistics are the palette."""


class Level(NamedTuple):
    """Taps of one resolution."""

    stride: int
    """Pixels of the image from one place of these features to the next."""
    taps: tuple[str, ...]
    channels: int
    """Of all of them together."""


def levels(architecture: Architecture) -> list[Level]:
    """Fine to coarse; the finest one holds the image's own colours."""
    channels, strides = architecture.channels | {COLOURS: 3}, architecture.strides | {COLOURS: 1}
    taps = (COLOURS, *architecture.feature_layers)
    found = []
    for stride in sorted({strides[tap] for tap in taps}):
        here = tuple(tap for tap in taps if strides[tap] == stride)
        found.append(Level(stride, here, sum(channels[tap] for tap in here)))
    return found


class Encoder(nn.Module):
    """Features of images at the taps of style and content, and their colours; nothing of it is trained or saved.

    Parameters
    ----------
    perceptual
        Which network.
    """

    def __init__(self, perceptual: Perceptual) -> None:
        super().__init__()
        self.levels = levels(perceptual.architecture)
        self.names = tuple(tap for level in self.levels for tap in level.taps)
        """The order in which statistics name the taps."""
        self._taps = Taps(perceptual)
        self._margin, self._cut = _margin(perceptual.architecture)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Name → features (batch, channels, height, width), the coarser ones of a part of the image's size.

        Parameters
        ----------
        image
            float32 (batch, 3, height, width), RGB from 0 to 255, of at least 32 pixels a side.
        """
        features: Mapping[str, Tensor] = self._taps(functional.pad(image, [self._margin] * 4, mode="reflect"))
        cut = {tap: self._cut // level.stride for level in self.levels for tap in level.taps}
        return {COLOURS: image} | {tap: _without_border(found, cut[tap]) for tap, found in features.items()}


def _without_border(features: Tensor, width: int) -> Tensor:
    return features[:, :, width:-width, width:-width] if width else features


def _margin(architecture: Architecture) -> tuple[int, int]:
    """Pixels that are mirrored around the image, and how many of them are taken off the features again.

    A first layer that pads nothing would not see the border; one that pads with zeros, and those after it, would see a
    dark frame, which the decoder would paint.
    """
    first = architecture.convolutions[0]
    return (FRAME, FRAME) if first.padded else (first.size // 2, 0)
