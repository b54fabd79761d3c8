"""The network: an image → features and logits. The body is a pretrained backbone or a small residual network."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from atelier.pretrained.backbones.asset import Backbone
from pipelines.families.photo_classifier.settings import ModelSettings
from pipelines.training.on_tensorflow.backbone import apply_backbone, load_backbone

CLASSIFIER = "classifier"
"""Name of the last layer, which computes the logits."""
ALL_FROZEN = 99
"""More than the number of stages of any backbone."""


def build_network(classes: int, settings: ModelSettings, backbone: Backbone, seed: int) -> keras.Model:
    """Float32 (n, size, size, 3), RGB from 0 to 255 → `features` (n, d) and `logits` (n, classes).

    The logits of a new network are 0. Other weights are those of the backbone, or depend on the seed only.
    """
    image = keras.Input((settings.size, settings.size, 3), name="image")
    if settings.variant == "scratch":
        x = _small_network(image, settings.widths, keras.random.SeedGenerator(seed))
    else:
        x = apply_backbone(image, backbone, settings.first_trainable if settings.variant != "probe" else ALL_FROZEN)
    features = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, kernel_initializer="zeros", name=CLASSIFIER)(features)
    network = keras.Model(image, {"features": features, "logits": logits})
    if settings.variant != "scratch":
        load_backbone(network, backbone)
    return network


def served_classifier(network: keras.Model, temperature: float, mirror_average: bool) -> keras.Model:
    """The network as it is served: uint8 (n, height, width, 3) → `probabilities` (n, classes) and `features` (n, d).

    Parameters
    ----------
    network
        A trained network of `build_network`.
    temperature
        Number by which logits are divided.
    mirror_average
        Whether to average logits and features over a photo and its mirror image.
    """
    image = keras.Input((None, None, 3), name="image", dtype="uint8")
    resized = _resized(ops.cast(image, "float32"), network.input_shape[1])
    views = [resized, ops.flip(resized, axis=2)] if mirror_average else [resized]
    outputs = [network(view, training=False) for view in views]
    features, logits = (sum(output[name] for output in outputs) / len(outputs) for name in ("features", "logits"))
    return keras.Model([image], {"probabilities": ops.softmax(logits / temperature), "features": features})


def _resized(image: Any, size: int) -> Any:
    """Bilinear, without antialiasing: photos are prepared at most twice as large as the network's input."""
    return ops.image.resize(image, (size, size), interpolation="bilinear", antialias=False)


def _small_network(image: Any, widths: Sequence[int], rng: Any) -> Any:
    """A residual network (He et al. 2015, arXiv:1512.03385) with one block per stage."""
    x = layers.Rescaling(1 / 128, -127 / 128)(image)
    for width in widths:
        x = layers.ReLU()(_convolution(x, width, 2, rng))
        shortcut = x
        x = layers.ReLU()(_convolution(x, width, 1, rng))
        x = layers.ReLU()(layers.Add()([shortcut, _convolution(x, width, 1, rng)]))
    return x


def _convolution(x: Any, width: int, stride: int, rng: Any) -> Any:
    initializer = keras.initializers.HeNormal(seed=rng)
    x = layers.Conv2D(width, 3, stride, "same", use_bias=False, kernel_initializer=initializer)(x)
    return layers.BatchNormalization(momentum=0.9)(x)
