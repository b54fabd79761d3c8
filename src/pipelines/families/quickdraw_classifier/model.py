"""The network: a small residual network (He et al., 2015) with squeeze-and-excitation (Hu et al., 2017).

It is designed for CPUs. Dense 3 × 3 convolutions in channels-last order are several times faster there than depthwise
convolutions, which need fewer multiplications. The first convolution halves the resolution, because strokes are two
pixels wide and most of the 28 × 28 image is empty.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.training.on_torch.exporting import parameter_count

MAX_PARAMETERS = 500_000
"""Largest number of parameters of the network."""


class SqueezeExcite(nn.Module):
    """Scale the channels of (n, c, h, w) by weights that depend on the mean of each channel."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, max(1, channels // reduction))
        self.excite = nn.Linear(self.squeeze.out_features, channels)

    def forward(self, x: Tensor) -> Tensor:
        weight = torch.sigmoid(self.excite(functional.relu(self.squeeze(x.mean((2, 3))))))
        return x * weight[:, :, None, None]


class ResidualBlock(nn.Module):
    """Two 3 × 3 convolutions with a shortcut: (n, c_in, h, w) → (n, c_out, h / stride, w / stride)."""

    def __init__(self, c_in: int, c_out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(c_out)
        self.attention = SqueezeExcite(c_out)
        self.shortcut = _shortcut(c_in, c_out, stride)
        # Each block is initialized as its shortcut, which allows a high initial learning rate (Goyal et al., 2017).
        nn.init.zeros_(self.norm2.weight)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        y = self.attention(self.norm2(self.conv2(y)))
        return functional.relu(y + self.shortcut(x))


def _shortcut(c_in: int, c_out: int, stride: int) -> nn.Module:
    """Identity if the shapes are equal, else average pooling and a 1 × 1 convolution ("ResNet-D", He et al., 2018)."""
    if stride == 1 and c_in == c_out:
        return nn.Identity()
    # Rounds up like the strided convolution: 7 × 7 becomes 4 × 4.
    pool = nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity()
    return nn.Sequential(pool, nn.Conv2d(c_in, c_out, 1, bias=False), nn.BatchNorm2d(c_out))


class DrawingNet(nn.Module):
    """Classify drawings.

    Parameters
    ----------
    classes
        Number of classes.
    widths, depths
        Number of channels and of residual blocks of each stage. The resolution is 14 × 14 in the first stage and is
        halved in each further stage.

    Raises
    ------
    ValueError
        When the network has more than `MAX_PARAMETERS` parameters.
    """

    def __init__(self, classes: int, widths: Sequence[int], depths: Sequence[int]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, widths[0], 5, stride=2, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(widths[0])
        blocks: list[nn.Module] = []
        channels = widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            for block in range(depth):
                blocks.append(ResidualBlock(channels, width, stride=2 if stage and not block else 1))
                channels = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(channels, classes)
        if (count := parameter_count(self)) > MAX_PARAMETERS:
            raise ValueError(
                f"The network has {count:,} parameters, more than the allowed {MAX_PARAMETERS:,}: "
                "lower model.widths or model.depths."
            )

    def features(self, images: Tensor) -> Tensor:
        """float32 (n, 1, 28, 28) in 0..1, white strokes on black → features (n, widths[-1])."""
        x = functional.relu(self.norm(self.stem(images)))
        return torch.mean(self.blocks(x), (2, 3))

    def forward(self, images: Tensor) -> Tensor:
        """float32 (n, 1, 28, 28) in 0..1 → logits (n, classes)."""
        logits: Tensor = self.head(self.features(images))
        return logits
