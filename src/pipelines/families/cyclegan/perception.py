"""What training computes with the perceptual network."""

import tensorflow as tf
from tensorflow import Tensor

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.training.on_tensorflow.hardware import Precision
from pipelines.training.on_tensorflow.perceptual import FeatureExtractor
from pipelines.training.on_tensorflow.tensor_ops import relative_distance


class PerceptualNetwork:
    """Features for the discriminators, and the content distance.

    Parameters
    ----------
    perceptual
        The network.
    for_discriminators
        Whether the discriminators read features: those of all style layers but the finest one.
    precision
        Of the convolutions.
    """

    def __init__(self, perceptual: Perceptual, for_discriminators: bool, precision: Precision) -> None:
        architecture = perceptual.architecture
        layers = architecture.style_layers[1:] if for_discriminators else ()
        self.channels = {layer: architecture.channels[layer] for layer in layers}
        """Layer → number of channels, for each of the features."""
        self._features = FeatureExtractor(perceptual, layers, precision)
        self._content = FeatureExtractor(perceptual, (architecture.content_layer,), precision)

    def features(self, images: Tensor) -> list[Tensor]:
        """Images (n, h, w, 3), 0..255 → features (n, h', w', channels) at each layer of `channels`."""
        return list(self._features(images).values())

    def content_distance(self, images: Tensor, photos: Tensor) -> Tensor:
        """Mean content distance of images (n, h, w, 3), 0..255, from their photos, as in the evaluation."""
        pair = [next(iter(self._content(each).values())) for each in (images, photos)]
        return tf.reduce_mean(relative_distance(*pair))
