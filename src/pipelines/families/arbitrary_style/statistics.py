"""Statistics of features, which represent a style: mean and standard deviation of each channel.

Adaptive instance normalization (Huang & Belongie 2017, arXiv:1703.06868, section 5) replaces the statistics of
features.
"""

import torch
from torch import Tensor

EPSILON = 1e-3
"""Added to variances, in squared activations of the perceptual network for images from 0 to 255. The standard deviation
of a constant channel is then 0.03 instead of 0."""


def statistics(features: list[Tensor]) -> Tensor:
    """Means of all C channels, then their standard deviations: (batch, 2 C).

    Parameters
    ----------
    features
        One tensor (batch, channels, height, width) for each layer, of any size. C is the total number of channels.
    """
    means, deviations = zip(*(_moments(layer) for layer in features), strict=True)
    return torch.cat([*means, *deviations], dim=1)


def adaptive_instance_norm(features: list[Tensor], source: Tensor, target: Tensor) -> list[Tensor]:
    """Replace the statistics of features.

    Parameters
    ----------
    features
        As in `statistics`.
    source
        `statistics` of the features, (batch, 2 C).
    target
        `statistics` of the result, (batch, 2 C).
    """
    channels = [layer.shape[1] for layer in features]
    by_layer = (torch.split(half, channels, dim=1) for stats in (source, target) for half in stats.chunk(2, dim=1))
    return [
        (layer.float() - as_map(mean)) * as_map(target_deviation / deviation) + as_map(target_mean)
        for layer, mean, deviation, target_mean, target_deviation in zip(features, *by_layer, strict=True)
    ]


def instance_norm(features: Tensor) -> Tensor:
    """Normalize each channel of each item to mean 0 and standard deviation 1: (batch, channels, height, width)."""
    mean, deviation = _moments(features)
    return (features.float() - as_map(mean)) / as_map(deviation)


def as_map(values: Tensor) -> Tensor:
    """(batch, channels) → (batch, channels, 1, 1), to combine one value per channel with feature maps."""
    return values[:, :, None, None]


def _moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation, (batch, channels) each, in float32 even under mixed precision."""
    features = features.float()
    mean = features.mean((2, 3))
    variance = (features - as_map(mean)).square().mean((2, 3))
    return mean, (variance + EPSILON).sqrt()
