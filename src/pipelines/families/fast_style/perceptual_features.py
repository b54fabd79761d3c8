"""Features of the perceptual network as a further input of the style network.

The losses are computed on these features. With them as input, the network learns in fewer steps.
"""

import tensorflow as tf
from keras import KerasTensor, layers

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.training.on_tensorflow.hardware import Precision
from pipelines.training.on_tensorflow.perceptual import FeatureExtractor
from pipelines.training.style_transfer import BORDER

STRIDES = (4, 8)
"""Strides of the layers that are read: a quarter of the size, where the residual blocks are, and an eighth."""
MIN_DEVIATION = 1.0
"""Added to the standard deviation of a channel, in gray levels, so that one that hardly varies is not amplified."""


class PerceptualFeatures(layers.Layer):
    """Photos (n, h, w, 3), 0..255 → features (n, ⌈h/4⌉, ⌈w/4⌉, c) and (n, ⌈h/8⌉, ⌈w/8⌉, c'), of mean 0 and deviation 1.

    It has no trainable weights.

    Parameters
    ----------
    perceptual
        Which network.
    precision
        Of its convolutions.
    """

    def __init__(self, perceptual: Perceptual, precision: Precision) -> None:
        super().__init__(dtype="float32")  # sums over a whole image
        strides = perceptual.architecture.strides
        names = [name for name in perceptual.architecture.feature_layers if strides[name] in STRIDES]
        self._extractor = FeatureExtractor(perceptual, names, precision)

    def call(self, photo: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
        sides, strides = (BORDER, BORDER), self._extractor.architecture.strides
        features = self._extractor(tf.pad(photo, ((0, 0), sides, sides, (0, 0)), "REFLECT"))

        def of(stride: int) -> KerasTensor:
            first, size = BORDER // stride, (tf.shape(photo)[1:3] + stride - 1) // stride
            last = first + size
            read = [features[name] for name in self._extractor.layers if strides[name] == stride]
            return _normalized(tf.concat(read, axis=-1)[:, first : last[0], first : last[1]])

        quarter, eighth = STRIDES
        return of(quarter), of(eighth)


def _normalized(x: tf.Tensor) -> tf.Tensor:
    mean, variance = tf.nn.moments(x, axes=(1, 2), keepdims=True)
    return (x - mean) / (tf.sqrt(variance) + MIN_DEVIATION)
