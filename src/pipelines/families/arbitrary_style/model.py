"""The network: any photo in the manner of any painting, which it knows by the statistics of its features.

After Huang & Belongie 2017 (arXiv:1703.06868): a frozen encoder, adaptive instance normalisation, a decoder. It differs
in three ways. The normalisation is done at every tap of the style and on the image's colours, not at the deepest tap
alone, and the decoder takes each level in on its way up: fine strokes have statistics of their own, and a small encoder
can be made up for. The decoder's norms are told the style too, by a scale and a shift of each channel (Dumoulin et al.
2017, arXiv:1610.07629; predicted from the style as in Ghiasi et al. 2017, arXiv:1705.06830), because after the first
convolution the statistics are no longer those of the style. And the encoder is whichever perceptual network is at hand.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.arbitrary_style.encoder import Encoder
from pipelines.families.arbitrary_style.statistics import adapted, normalised, spread, statistics

HIDDEN = 256
"""Units between statistics and embedding."""
FARTHEST = 4.0
"""Standard deviations from the usual painting beyond which a style is not told apart from one still farther away: the
decoder has never met such."""

Features = dict[str, Tensor]


class Convolution(nn.Module):
    """A convolution with reflection padding: zeros would be dark frames. (b, c_in, h, w) → (b, c_out, h, w)."""

    def __init__(self, c_in: int, c_out: int, size: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(c_in, c_out, size)
        self.padding = [size // 2] * 4

    def forward(self, x: Tensor) -> Tensor:
        padded = functional.pad(x, self.padding, mode="reflect") if self.padding[0] else x
        convolved: Tensor = self.convolution(padded)
        return convolved


class StyledConvolution(nn.Module):
    """A 3 × 3 convolution and an instance norm, whose scale and shift the style says."""

    def __init__(self, c_in: int, c_out: int, embedding: int) -> None:
        super().__init__()
        self.convolution = Convolution(c_in, c_out, 3)
        self.style = nn.Linear(embedding, 2 * c_out)
        # At first all styles are nearly alike: scale 1, shift 0.
        nn.init.normal_(self.style.weight, std=0.01)
        nn.init.zeros_(self.style.bias)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        scale, shift = self.style(embedding).float().chunk(2, dim=1)
        return normalised(self.convolution(x)) * spread(1 + scale) + spread(shift)


class Residual(nn.Module):
    """Two styled convolutions around a shortcut."""

    def __init__(self, channels: int, embedding: int) -> None:
        super().__init__()
        self.first = StyledConvolution(channels, channels, embedding)
        self.second = StyledConvolution(channels, channels, embedding)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        changed: Tensor = self.second(functional.relu(self.first(x, embedding)), embedding)
        return x + changed


class Stage(nn.Module):
    """One level up: what comes from below, enlarged, and the level's own adapted features where it takes them in."""

    def __init__(self, below: int, features: int | None, channels: int, size: int, embedding: int) -> None:
        super().__init__()
        self.rise = StyledConvolution(below, channels, embedding)
        self.enter = None if features is None else Convolution(features, channels, size)
        self.refine = StyledConvolution(channels, channels, embedding)

    def forward(self, below: Tensor, features: Tensor, embedding: Tensor) -> Tensor:
        # Enlarged, then convolved: a transposed convolution leaves a checkerboard (Odena et al., 2016), and so do
        # repeated pixels, though less.
        enlarged = functional.interpolate(below, size=features.shape[2:], mode="bilinear", align_corners=False)
        risen = self.rise(enlarged, embedding)
        x = functional.relu(risen if self.enter is None else risen + self.enter(features))
        return x + functional.relu(self.refine(x, embedding))


class StyleNet(nn.Module):
    """Paint photos in given styles.

    Parameters
    ----------
    perceptual
        The encoder. Its weights are neither trained nor in the network's state.
    width
        Channels of the decoder at the image's resolution; they double at each level below.
    blocks
        Residual blocks at the coarsest level.
    finest_skip
        Levels of this stride and coarser ones are taken in by the decoder. Where it has to make up the finest details,
        it leaves a checkerboard; where it has them, it takes longer to paint rather than colour a photo.
    embedding
        Size of the vector that stands for a style in the decoder's norms.
    """

    def __init__(self, perceptual: Perceptual, width: int, blocks: int, finest_skip: int, embedding: int) -> None:
        super().__init__()
        self.encoder = Encoder(perceptual)
        *finer, coarsest = self.encoder.levels
        self.channels = sum(level.channels for level in self.encoder.levels)
        self.register_buffer("scale", torch.ones(self.channels))
        self.register_buffer("centre", torch.zeros(2 * self.channels))
        self.register_buffer("deviation", torch.ones(2 * self.channels))
        self.embed = nn.Sequential(
            nn.Linear(2 * self.channels, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, embedding), nn.ReLU()
        )
        below = coarsest.stride * width
        self.enter = Convolution(coarsest.channels, below, 1)
        self.blocks = nn.ModuleList(Residual(below, embedding) for _ in range(blocks))
        self.stages = nn.ModuleList()
        for level in reversed(finer):
            channels = level.stride * width
            features = level.channels if level.stride >= finest_skip else None
            # Features have seen what is around them; colours have not.
            self.stages.append(Stage(below, features, channels, 3 if level.stride == 1 else 1, embedding))
            below = channels
        self.paint = Convolution(below, 3, 5)

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures of the images' size, and the statistics of the images themselves as styles.

        Parameters
        ----------
        image
            float32 (batch, 3, height, width), RGB from 0 to 255.
        style
            Statistics of paintings, (batch, 2 channels).
        strength
            (batch,) from 0, the photo's own statistics, to 1, the style's.
        """
        features = self.encoder(image)
        own = self.statistics(features)
        return self.decode(features, own, torch.lerp(own, style, strength[:, None])), own

    def statistics(self, features: Features) -> Tensor:
        """(batch, 2 channels) of what the encoder has found."""
        return statistics([features[name] for name in self.encoder.names])

    def decode(self, features: Features, own: Tensor, wanted: Tensor) -> Tensor:
        """Features with the statistics `own` → pictures with the statistics `wanted`, (batch, 3, height, width)."""
        names = self.encoder.names
        adapted_features = dict(zip(names, adapted([features[name] for name in names], own, wanted), strict=True))
        scales = dict(
            zip(
                names,
                torch.split(self.get_buffer("scale"), [adapted_features[name].shape[1] for name in names]),
                strict=True,
            )
        )
        *finer, coarsest = (
            torch.cat([adapted_features[name] / spread(scales[name][None]) for name in level.layers], dim=1)
            for level in self.encoder.levels
        )
        embedding = self.embed(self._described(wanted))
        x = functional.relu(self.enter(coarsest))
        for block in self.blocks:
            x = block(x, embedding)
        for stage, level in zip(self.stages, reversed(finer), strict=True):
            x = stage(x, level, embedding)
        return 255 * torch.sigmoid(self.paint(x).float())

    @torch.no_grad()
    def learn_scales(self, styles: Tensor) -> None:
        """Take from the statistics of many paintings, (n, 2 channels), in which range they lie.

        Inputs of the decoder and of the embedding are then about as large as 1, whatever the encoder.
        """
        described = _in_logarithms(styles)
        self.get_buffer("scale").copy_(styles[:, self.channels :].mean(0).clamp_min(1e-2))
        self.get_buffer("centre").copy_(described.mean(0))
        self.get_buffer("deviation").copy_(described.std(0, correction=0) + 1e-2)

    def _described(self, style: Tensor) -> Tensor:
        """Statistics in standard deviations from the usual painting."""
        away = (_in_logarithms(style) - self.get_buffer("centre")) / self.get_buffer("deviation")
        return away.clamp(-FARTHEST, FARTHEST)


def _in_logarithms(style: Tensor) -> Tensor:
    """Means as they are, the logarithms of the standard deviations: a contrast counts by its ratio to another."""
    means, deviations = style.chunk(2, dim=1)
    return torch.cat([means, deviations.clamp_min(1e-2).log()], dim=1)
