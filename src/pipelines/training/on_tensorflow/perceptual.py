"""The perceptual network in TensorFlow: frozen, and differentiable with respect to the image."""

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.layers import IMAGE, Concat, Conv, Layer, Pool
from pipelines.training.on_tensorflow.hardware import Precision


class FeatureExtractor:
    """Features of images at some layers of a perceptual network.

    Parameters
    ----------
    perceptual
        Which network; `perceptual.architecture` names its layers of style and of content.
    layers
        Names of the layers; None: those of style and content. Layers that none of them needs are not computed.
    precision
        Of the convolutions; the features that come out are float32 either way.
    """

    def __init__(
        self, perceptual: Perceptual, layers: Iterable[str] | None = None, precision: Precision = "float32"
    ) -> None:
        architecture = perceptual.architecture
        self.architecture = architecture
        self.layers = tuple(architecture.feature_layers if layers is None else layers)
        self._precision = precision
        self._mean = np.array(architecture.mean, np.float32)
        self._graph = architecture.required_layers(self.layers)
        # Arrays, not tensors: a function that is traced keeps them as constants, whichever graph traces it.
        self._kernels = {
            layer.name: (
                np.ascontiguousarray(perceptual.weights[f"{layer.name}.weight"].transpose(2, 3, 1, 0)),
                perceptual.weights[f"{layer.name}.bias"],
            )
            for layer in self._graph
            if isinstance(layer, Conv)
        }

    def __call__(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        """Layer → features (batch, height, width, channels).

        Parameters
        ----------
        image
            float32 (batch, height, width, 3), RGB from 0 to 255, any size of at least `architecture.min_side`.
        """
        values = {IMAGE: tf.cast(image - self._mean, self._precision)}
        for layer in self._graph:
            values[layer.name] = self._apply(layer, [values[source] for source in layer.sources])
        return {layer: tf.cast(values[layer], tf.float32) for layer in self.layers}

    def _apply(self, layer: Layer, inputs: list[tf.Tensor]) -> tf.Tensor:
        if isinstance(layer, Concat):
            return tf.concat(inputs, axis=-1)
        if isinstance(layer, Pool):
            padded = _pad_cut(inputs[0], layer) if layer.ceil_mode else inputs[0]
            return tf.nn.max_pool2d(padded, layer.size, layer.stride, "VALID")
        kernel, bias = (tf.cast(weights, self._precision) for weights in self._kernels[layer.name])
        x = tf.nn.conv2d(inputs[0], kernel, layer.stride, "SAME" if layer.padded else "VALID")
        return tf.nn.relu(tf.nn.bias_add(x, bias))


def _pad_cut(x: tf.Tensor, pool: Pool) -> tf.Tensor:
    """TensorFlow has no ceil mode, and "SAME" pads on both sides, and odd sizes too: fill up the last window."""
    # Of what is not below 0 throughout: ONNX divides other numbers differently.
    missing = (pool.stride - (tf.shape(x)[1:3] - pool.size) % pool.stride) % pool.stride
    return tf.pad(x, [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]])
