"""The losses, by name; their weights are parameters."""

from collections.abc import Mapping

import torch
from torch import Tensor

from atelier.pretrained.perceptual.layers import Architecture
from pipelines.training.on_torch.perceptual import gram, relative_distance

Features = Mapping[str, Tensor]
"""Tap → (batch, channels, height, width)."""


def stylisation_losses(
    picture: Tensor, features: Features, photo: Features, painting: Features, architecture: Architecture
) -> dict[str, Tensor]:
    """Named losses of one batch, each a scalar.

    `content` and `style` are the distances that the family is evaluated by (`atelier.evaluation.stylization.metrics`,
    after Gatys et al. 2016, section 2, but relative); `variation` is the mean difference between neighbouring pixels
    (Johnson et al. 2016, section 3.2), 0 to 1.

    Parameters
    ----------
    picture
        (batch, 3, height, width), RGB from 0 to 255.
    features, photo, painting
        Of the pictures, of the photos that they were made from, and of the paintings.
    architecture
        Names the tap of the content and the taps of the style.
    """
    # In float32 also under mixed precision: differences of large sums are small.
    with torch.autocast(picture.device.type, enabled=False):
        style = [
            relative_distance(gram(features[tap].float()), gram(painting[tap].float()))
            for tap in architecture.style_layers
        ]
        content = relative_distance(
            features[architecture.content_layer].float(), photo[architecture.content_layer].float()
        )
        return {"content": content.mean(), "style": torch.stack(style).mean(), "variation": variation(picture)}


def variation(picture: Tensor) -> Tensor:
    """Mean absolute difference of neighbours, down and across, of pictures from 0 to 255: a scalar in 0 to 1."""
    down = (picture[:, :, 1:] - picture[:, :, :-1]).abs().mean()
    across = (picture[:, :, :, 1:] - picture[:, :, :, :-1]).abs().mean()
    return (down + across) / (2 * 255)
