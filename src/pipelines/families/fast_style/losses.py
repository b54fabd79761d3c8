"""The losses of style transfer, by name; their weights are parameters."""

from collections.abc import Mapping

import tensorflow as tf
from tensorflow import Tensor

from atelier.pretrained.perceptual.layers import Architecture
from pipelines.training.on_tensorflow.perceptual import gram, relative_distance

Features = Mapping[str, Tensor]
"""Tap → (n, height, width, channels)."""


def style_losses(
    architecture: Architecture, picture: Tensor, seen: Features, photo: Features, grams: Features
) -> dict[str, Tensor]:
    """What the network minimises on one batch, each a scalar, the mean over the pictures.

    `content` and `style` are the distances of `atelier.evaluation.stylization.metrics`: relative, so that no layer
    outweighs the others by its scale. `variation` is the mean absolute difference between neighbouring pixels, 0..1
    (anisotropic total variation, Johnson et al. 2016, section 3.2).

    Parameters
    ----------
    architecture
        Names the tap of the content and the taps of the style.
    picture
        (n, height, width, 3), 0..255.
    seen, photo
        Features of the pictures and of their photos.
    grams
        Gram matrices of the paintings, tap → (n, channels, channels).
    """
    tap = architecture.content_layer
    style = [relative_distance(gram(seen[name]), grams[name]) for name in architecture.style_layers]
    return {
        "content": tf.reduce_mean(relative_distance(seen[tap], photo[tap])),
        "style": tf.reduce_mean(tf.stack(style)),
        "variation": variation(picture),
    }


def variation(picture: Tensor) -> Tensor:
    """Mean absolute difference between pixels side by side and one above the other, of (n, height, width, 3): 0..1."""
    down, across = picture[:, 1:] - picture[:, :-1], picture[:, :, 1:] - picture[:, :, :-1]
    return (tf.reduce_mean(tf.abs(down)) + tf.reduce_mean(tf.abs(across))) / (2 * 255)
