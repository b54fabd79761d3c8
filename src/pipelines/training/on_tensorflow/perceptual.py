"""The perceptual network in TensorFlow: frozen, and differentiable with respect to the image."""

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.layers import IMAGE, Concat, Conv, Layer, Pool
from pipelines.training.on_tensorflow.hardware import Precision


class Taps:
    """Features of images at the taps of a perceptual network.

    Parameters
    ----------
    perceptual
        Which network; `perceptual.architecture` names its taps of style and of content.
    taps
        Names of layers; those of style and content where None. Layers that none of them needs are not computed.
    precision
        Of the convolutions; the features that come out are float32 either way.
    """

    def __init__(
        self, perceptual: Perceptual, taps: Iterable[str] | None = None, precision: Precision = "float32"
    ) -> None:
        architecture = perceptual.architecture
        self.architecture = architecture
        self.taps = tuple(architecture.feature_layers if taps is None else taps)
        self._precision = precision
        self._mean = np.array(architecture.mean, np.float32)
        self._layers = architecture.required_layers(self.taps)
        # Arrays, not tensors: a function that is traced keeps them as constants, whichever graph traces it.
        self._kernels = {
            layer.name: (
                np.ascontiguousarray(perceptual.weights[f"{layer.name}.weight"].transpose(2, 3, 1, 0)),
                perceptual.weights[f"{layer.name}.bias"],
            )
            for layer in self._layers
            if isinstance(layer, Conv)
        }

    def __call__(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        """Tap → features (batch, height, width, channels).

        Parameters
        ----------
        image
            float32 (batch, height, width, 3), RGB from 0 to 255, any size of at least `architecture.min_side`.
        """
        values = {IMAGE: tf.cast(image - self._mean, self._precision)}
        for layer in self._layers:
            values[layer.name] = self._apply(layer, [values[source] for source in layer.sources])
        return {tap: tf.cast(values[tap], tf.float32) for tap in self.taps}

    def _apply(self, layer: Layer, inputs: list[tf.Tensor]) -> tf.Tensor:
        if isinstance(layer, Concat):
            return tf.concat(inputs, axis=-1)
        if isinstance(layer, Pool):
            padded = _pad_cut(inputs[0], layer) if layer.ceil_mode else inputs[0]
            return tf.nn.max_pool2d(padded, layer.size, layer.stride, "VALID")
        kernel, bias = (tf.cast(weights, self._precision) for weights in self._kernels[layer.name])
        x = tf.nn.conv2d(inputs[0], kernel, layer.stride, "SAME" if layer.padded else "VALID")
        return tf.nn.relu(tf.nn.bias_add(x, bias))


def gram(features: tf.Tensor) -> tf.Tensor:
    """F Fᵀ / HW of each image: (batch, height, width, channels) → (batch, channels, channels)."""
    shape = tf.shape(features)
    rows = tf.reshape(features, (shape[0], shape[1] * shape[2], features.shape[3]))
    return tf.matmul(rows, rows, transpose_a=True) / tf.cast(shape[1] * shape[2], features.dtype)


def relative_distance(these: tf.Tensor, those: tf.Tensor) -> tf.Tensor:
    """‖these - those‖ / ‖those‖ over all but the first axis (Frobenius): (batch,).

    See `atelier.evaluation.stylization.metrics`.

    Where both are equal the root has no gradient: the least that comes out is 1e-4.
    """
    axes = list(range(1, len(these.shape)))
    away = tf.reduce_sum(tf.square(these - those), axes)
    return tf.sqrt(away / tf.reduce_sum(tf.square(those), axes) + 1e-8)


def _pad_cut(x: tf.Tensor, pool: Pool) -> tf.Tensor:
    """TensorFlow has no ceil mode, and "SAME" pads on both sides, and odd sizes too: fill up the last window."""
    # Of what is not below 0 throughout: ONNX divides other numbers differently.
    missing = (pool.stride - (tf.shape(x)[1:3] - pool.size) % pool.stride) % pool.stride
    return tf.pad(x, [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]])
