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
        The network and its weights. `perceptual.architecture` names the style layers and the content layer.
    layers
        Names of the layers. None: the style layers and the content layer. Other layers are computed only where needed.
    precision
        Of the convolutions. The features are float32 in any case.
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
        # Arrays instead of tensors: every traced function embeds them as constants of its own graph.
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
            padded = _pad_for_ceil_mode(inputs[0], layer) if layer.ceil_mode else inputs[0]
            return tf.nn.max_pool2d(padded, layer.size, layer.stride, "VALID")
        kernel, bias = (tf.cast(weights, self._precision) for weights in self._kernels[layer.name])
        x = tf.nn.conv2d(inputs[0], kernel, layer.stride, "SAME" if layer.padded else "VALID")
        return tf.nn.relu(tf.nn.bias_add(x, bias))


def _pad_for_ceil_mode(x: tf.Tensor, pool: Pool) -> tf.Tensor:
    """Pad the bottom and the right border so that the last window is complete.

    TensorFlow has no ceil mode, and "SAME" pads on both sides.
    """
    # The dividend is never negative, because the remainder of a negative number differs in ONNX.
    missing = (pool.stride - (tf.shape(x)[1:3] - pool.size) % pool.stride) % pool.stride
    return tf.pad(x, [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]])
