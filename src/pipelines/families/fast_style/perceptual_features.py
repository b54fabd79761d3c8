"""Features of the perceptual network as an additional input of the style network.

The losses are computed from these features. With them as input, the network needs fewer training steps.
"""

import tensorflow as tf
from keras import KerasTensor, layers

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.training.on_tensorflow.hardware import Precision
from pipelines.training.on_tensorflow.perceptual import FeatureExtractor
from pipelines.training.style_transfer import BORDER

STRIDES = (4, 8)
"""Strides of the layers that are used: a quarter of the size, as in the residual blocks, and an eighth."""
DEVIATION_OFFSET = 1.0
"""Added to the standard deviation of a channel, in gray levels, so that a nearly constant channel is not amplified."""


class PerceptualFeatures(layers.Layer):
    """Photos (n, h, w, 3), 0..255 → normalized features (n, ⌈h/4⌉, ⌈w/4⌉, c) and (n, ⌈h/8⌉, ⌈w/8⌉, c').

    Each channel of each photo has mean 0 and about standard deviation 1. The layer has no trainable weights.

    Parameters
    ----------
    perceptual
        The perceptual network.
    precision
        Precision of its convolutions.
    """

    def __init__(self, perceptual: Perceptual, precision: Precision) -> None:
        super().__init__(dtype="float32")  # sums over a whole image need float32
        strides = perceptual.architecture.strides
        names = [name for name in perceptual.architecture.feature_layers if strides[name] in STRIDES]
        self._extractor = FeatureExtractor(perceptual, names, precision)

    def call(self, photo: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
        sides, strides = (BORDER, BORDER), self._extractor.architecture.strides
        features = self._extractor(tf.pad(photo, ((0, 0), sides, sides, (0, 0)), "REFLECT"))

        def features_of(stride: int) -> KerasTensor:
            first, size = BORDER // stride, (tf.shape(photo)[1:3] + stride - 1) // stride
            last = first + size
            selected = [features[name] for name in self._extractor.layers if strides[name] == stride]
            return _normalized(tf.concat(selected, axis=-1)[:, first : last[0], first : last[1]])

        quarter, eighth = STRIDES
        return features_of(quarter), features_of(eighth)


def _normalized(x: tf.Tensor) -> tf.Tensor:
    mean, variance = tf.nn.moments(x, axes=(1, 2), keepdims=True)
    return (x - mean) / (tf.sqrt(variance) + DEVIATION_OFFSET)
