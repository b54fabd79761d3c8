"""The network: any photo in the style of any painting, which is represented by the statistics of its features.

It follows Huang & Belongie 2017 (arXiv:1703.06868): a frozen encoder, adaptive instance normalization, a decoder. There
are three differences:

- The normalization is applied to all layers of the encoder and to the colors of the image, not to the deepest layer
  only. Skip connections pass the results to the decoder. This transfers fine strokes, and allows a small encoder.
- The norms of the decoder depend on the style, too, because after a convolution the statistics are no longer those of
  the style. Their scale and shift (Dumoulin et al. 2017, arXiv:1610.07629) are predicted from the statistics, as in
  Ghiasi et al. 2017 (arXiv:1705.06830).
- The encoder may be any perceptual network.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.arbitrary_style.encoder import Encoder
from pipelines.families.arbitrary_style.statistics import adaptive_instance_norm, as_map, instance_norm, statistics

HIDDEN_UNITS = 256
"""Number of hidden units between statistics and style embedding."""
MAX_Z_SCORE = 4.0
"""Standardized statistics are clipped to this absolute value, because the decoder was not trained on larger values."""

Features = dict[str, Tensor]


class PaddedConvolution(nn.Module):
    """A convolution with reflection padding, as zeros would give dark borders: (b, c_in, h, w) → (b, c_out, h, w)."""

    def __init__(self, c_in: int, c_out: int, size: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(c_in, c_out, size)
        self.padding = [size // 2] * 4

    def forward(self, x: Tensor) -> Tensor:
        padded = functional.pad(x, self.padding, mode="reflect") if self.padding[0] else x
        result: Tensor = self.convolution(padded)
        return result


class StyledConvolution(nn.Module):
    """A 3 × 3 convolution and an instance norm with scale and shift from the style embedding."""

    def __init__(self, c_in: int, c_out: int, embedding: int) -> None:
        super().__init__()
        self.convolution = PaddedConvolution(c_in, c_out, 3)
        self.modulation = nn.Linear(embedding, 2 * c_out)
        # Initially, scale is about 1 and shift about 0 for all styles.
        nn.init.normal_(self.modulation.weight, std=0.01)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        scale, shift = self.modulation(embedding).float().chunk(2, dim=1)
        return instance_norm(self.convolution(x)) * as_map(1 + scale) + as_map(shift)


class ResidualBlock(nn.Module):
    """Two styled convolutions with a shortcut."""

    def __init__(self, channels: int, embedding: int) -> None:
        super().__init__()
        self.conv1 = StyledConvolution(channels, channels, embedding)
        self.conv2 = StyledConvolution(channels, channels, embedding)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        residual: Tensor = self.conv2(functional.relu(self.conv1(x, embedding)), embedding)
        return x + residual


class DecoderStage(nn.Module):
    """Enlarge features to the next finer level, and add the features of the skip connection if there is one."""

    def __init__(self, c_in: int, c_skip: int | None, c_out: int, skip_size: int, embedding: int) -> None:
        super().__init__()
        self.conv1 = StyledConvolution(c_in, c_out, embedding)
        self.skip = None if c_skip is None else PaddedConvolution(c_skip, c_out, skip_size)
        self.conv2 = StyledConvolution(c_out, c_out, embedding)

    def forward(self, x: Tensor, features: Tensor, embedding: Tensor) -> Tensor:
        # Interpolation avoids the checkerboard of a transposed convolution (Odena et al., 2016) and, mostly, that of
        # repeated pixels.
        enlarged = functional.interpolate(x, size=features.shape[2:], mode="bilinear", align_corners=False)
        y = self.conv1(enlarged, embedding)
        y = functional.relu(y if self.skip is None else y + self.skip(features))
        return y + functional.relu(self.conv2(y, embedding))


class StyleNet(nn.Module):
    """Stylize photos in given styles.

    Parameters
    ----------
    perceptual
        The encoder. Its weights are not trained and not in the state dict.
    width
        Number of channels of the decoder at full resolution. It is doubled at each coarser level.
    blocks
        Number of residual blocks, at the coarsest level.
    finest_skip
        Stride of the finest skip connection from encoder to decoder. Without fine details of the photo the output has a
        checkerboard pattern; with them, the network needs more steps to learn strokes and not only colors.
    embedding
        Size of the style embedding, from which the norms of the decoder are computed.
    """

    def __init__(self, perceptual: Perceptual, width: int, blocks: int, finest_skip: int, embedding: int) -> None:
        super().__init__()
        self.encoder = Encoder(perceptual)
        *finer, coarsest = self.encoder.levels
        self.channels = sum(level.channels for level in self.encoder.levels)
        self.register_buffer("feature_scale", torch.ones(self.channels))
        self.register_buffer("style_mean", torch.zeros(2 * self.channels))
        self.register_buffer("style_deviation", torch.ones(2 * self.channels))
        self.embed = nn.Sequential(
            nn.Linear(2 * self.channels, HIDDEN_UNITS), nn.ReLU(), nn.Linear(HIDDEN_UNITS, embedding), nn.ReLU()
        )
        channels = coarsest.stride * width
        self.input = PaddedConvolution(coarsest.channels, channels, 1)
        self.blocks = nn.ModuleList(ResidualBlock(channels, embedding) for _ in range(blocks))
        self.stages = nn.ModuleList()
        for level in reversed(finer):
            finer_channels = level.stride * width
            skip_channels = level.channels if level.stride >= finest_skip else None
            # A 3 × 3 convolution at full resolution, because colors contain no information about neighboring pixels.
            skip_size = 3 if level.stride == 1 else 1
            self.stages.append(DecoderStage(channels, skip_channels, finer_channels, skip_size, embedding))
            channels = finer_channels
        self.output = PaddedConvolution(channels, 3, 5)

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> tuple[Tensor, Tensor]:
        """Stylized images (batch, 3, height, width), and the statistics of the photos, (batch, 2 channels).

        Parameters
        ----------
        image
            float32 (batch, 3, height, width), RGB from 0 to 255.
        style
            Statistics of paintings, (batch, 2 channels).
        strength
            (batch,) weight of the style: 0 is the statistics of the photo, 1 those of the painting.
        """
        features = self.encoder(image)
        source = self.statistics(features)
        return self.decode(features, source, torch.lerp(source, style, strength[:, None])), source

    def statistics(self, features: Features) -> Tensor:
        """Statistics (batch, 2 channels) of features of the encoder."""
        return statistics([features[name] for name in self.encoder.layers])

    def decode(self, features: Features, source: Tensor, target: Tensor) -> Tensor:
        """Stylized images (batch, 3, height, width), in 0..255.

        Parameters
        ----------
        features
            Features of the photos.
        source
            Statistics of the features, (batch, 2 channels).
        target
            Statistics of the style, (batch, 2 channels).
        """
        *finer, coarsest = self._normalize(features, source, target)
        embedding = self.embed(self._standardize(target))
        x = functional.relu(self.input(coarsest))
        for block in self.blocks:
            x = block(x, embedding)
        for stage, skip_features in zip(self.stages, reversed(finer), strict=True):
            x = stage(x, skip_features, embedding)
        return 255 * torch.sigmoid(self.output(x).float())

    def _normalize(self, features: Features, source: Tensor, target: Tensor) -> list[Tensor]:
        """Features with the statistics `target`, divided by their usual scale: one tensor per level, fine to coarse."""
        layers = self.encoder.layers
        normalized = adaptive_instance_norm([features[layer] for layer in layers], source, target)
        scales = torch.split(self.get_buffer("feature_scale"), [x.shape[1] for x in normalized])
        scaled = {layer: x / as_map(scale[None]) for layer, x, scale in zip(layers, normalized, scales, strict=True)}
        return [torch.cat([scaled[layer] for layer in level.layers], dim=1) for level in self.encoder.levels]

    @torch.no_grad()
    def fit_scales(self, styles: Tensor) -> None:
        """Compute the usual range of statistics from those of many paintings, (n, 2 channels).

        The inputs of the decoder and of the style embedding then have a scale of about 1, for any encoder.
        """
        transformed = _log_deviations(styles)
        self.get_buffer("feature_scale").copy_(styles[:, self.channels :].mean(0).clamp_min(1e-2))
        self.get_buffer("style_mean").copy_(transformed.mean(0))
        self.get_buffer("style_deviation").copy_(transformed.std(0, correction=0) + 1e-2)

    def _standardize(self, style: Tensor) -> Tensor:
        """Statistics as z-scores: in standard deviations from their mean over many paintings."""
        z_scores = (_log_deviations(style) - self.get_buffer("style_mean")) / self.get_buffer("style_deviation")
        return z_scores.clamp(-MAX_Z_SCORE, MAX_Z_SCORE)


def _log_deviations(style: Tensor) -> Tensor:
    """Replace the standard deviations by their logarithms, because contrasts differ by factors. Means are unchanged."""
    means, deviations = style.chunk(2, dim=1)
    return torch.cat([means, deviations.clamp_min(1e-2).log()], dim=1)
