"""Statistics of features, which is all that this family knows of a style: mean and standard deviation of each channel.

Adaptive instance normalisation (Huang & Belongie 2017, arXiv:1703.06868, section 5) gives one image's features those of
another.
"""

import torch
from torch import Tensor

EPSILON = 1e-3
"""Added to variances, in the square of the perceptual network's units, where images reach from 0 to 255: a channel that
never answers has a standard deviation of 0.03, and not 0."""


def statistics(features: list[Tensor]) -> Tensor:
    """(batch, 2 C): the means of all C channels, then their standard deviations.

    Parameters
    ----------
    features
        Each (batch, channels, height, width), of any size; C is the sum of their channels.
    """
    means, deviations = zip(*(_moments(of) for of in features), strict=True)
    return torch.cat([*means, *deviations], dim=1)


def adapted(features: list[Tensor], own: Tensor, wanted: Tensor) -> list[Tensor]:
    """The features with other statistics.

    Parameters
    ----------
    features
        As in `statistics`.
    own
        Their `statistics`, (batch, 2 C).
    wanted
        What they shall be, (batch, 2 C).
    """
    channels = [of.shape[1] for of in features]
    parts = (torch.split(half, channels, dim=1) for of in (own, wanted) for half in of.chunk(2, dim=1))
    return [
        (of.float() - spread(mean)) * spread(wanted_deviation / deviation) + spread(wanted_mean)
        for of, mean, deviation, wanted_mean, wanted_deviation in zip(features, *parts, strict=True)
    ]


def normalised(features: Tensor) -> Tensor:
    """(batch, channels, height, width) with mean 0 and standard deviation 1 in each channel of each item."""
    mean, deviation = _moments(features)
    return (features.float() - spread(mean)) / spread(deviation)


def spread(values: Tensor) -> Tensor:
    """(batch, channels) → (batch, channels, 1, 1): one value for a whole channel."""
    return values[:, :, None, None]


def _moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation, (batch, channels) each; in float32 also under mixed precision."""
    features = features.float()
    mean = features.mean((2, 3))
    variance = (features - spread(mean)).square().mean((2, 3))
    return mean, (variance + EPSILON).sqrt()
