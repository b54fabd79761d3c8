"""What the perceptual network sees in a photo, as a further input of the network that paints.

The network is judged by these features. Where it has not to find them out itself, it learns to paint in fewer steps.
"""

import tensorflow as tf
from keras import KerasTensor, layers

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.training.on_tensorflow.hardware import Precision
from pipelines.training.on_tensorflow.perceptual import Taps
from pipelines.training.style_transfer import FRAME

STRIDES = (4, 8)
"""Of the taps that are seen: those of a quarter of the size, where the network paints, and of an eighth."""
QUIET = 1.0
"""Deviation of a channel, in grey levels as the perceptual network reads them, below which it is not amplified."""


class Seen(layers.Layer):
    """Photos (n, h, w, 3), 0..255 → features (n, ⌈h/4⌉, ⌈w/4⌉, c) and (n, ⌈h/8⌉, ⌈w/8⌉, c'), of mean 0 and deviation 1.

    Nothing of it is trained.

    Parameters
    ----------
    perceptual
        Which network.
    precision
        Of its convolutions.
    """

    def __init__(self, perceptual: Perceptual, precision: Precision) -> None:
        super().__init__(dtype="float32")  # sums over a whole picture
        strides = perceptual.architecture.strides
        self._taps = Taps(
            perceptual, [tap for tap in perceptual.architecture.feature_layers if strides[tap] in STRIDES], precision
        )

    def call(self, photo: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
        sides = (FRAME, FRAME)
        features = self._taps(tf.pad(photo, ((0, 0), sides, sides, (0, 0)), "REFLECT"))

        def of(stride: int) -> KerasTensor:
            first, size = FRAME // stride, (tf.shape(photo)[1:3] + stride - 1) // stride
            last = first + size
            found = [features[tap] for tap in self._taps.taps if self._taps.architecture.strides[tap] == stride]
            return _normalised(tf.concat(found, axis=-1)[:, first : last[0], first : last[1]])

        quarter, eighth = STRIDES
        return of(quarter), of(eighth)


def _normalised(x: tf.Tensor) -> tf.Tensor:
    mean, variance = tf.nn.moments(x, axes=(1, 2), keepdims=True)
    return (x - mean) / (tf.sqrt(variance) + QUIET)
