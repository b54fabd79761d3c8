"""The network: an image → features and logits. The body is a pretrained backbone or a small residual network."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from atelier.pretrained.backbones.asset import Backbone
from pipelines.families.photo_classifier.settings import ModelSettings
from pipelines.training.on_tensorflow.backbone import apply_backbone, load_backbone


class KnownFeatures(NamedTuple):
    """What the features of photos of the classes look like."""

    mean: NDArray[np.float32]
    """(d,) mean over the classes."""
    directions: NDArray[np.float32]
    """(d, classes) mean of each class minus this mean, with length 1."""

    @classmethod
    def of(cls, features: NDArray[np.float32], labels: NDArray[np.int64]) -> Self:
        """From the features (n, d) and labels (n,) of training photos."""
        means = np.stack([features[labels == label].mean(0) for label in np.unique(labels)])
        away = means - means.mean(0)
        return cls(means.mean(0), (away / np.linalg.norm(away, axis=1, keepdims=True)).T.astype(np.float32))


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


def served_classifier(
    network: keras.Model, temperature: float, mirror_average: bool, known: KnownFeatures | None = None
) -> keras.Model:
    """The network as it is served: uint8 (n, height, width, 3) → `probabilities` (n, classes) and `features` (n, d).

    Parameters
    ----------
    network
        A trained network of `build_network`.
    temperature
        Number by which logits are divided.
    mirror_average
        Whether to average logits and features over a photo and its mirror image.
    known
        Given, there is the further output `familiarity` (n,): the largest cosine of the features and the mean features
        of a class, -1 to 1, both minus the mean of all classes.
    """
    image = keras.Input((None, None, 3), name="image", dtype="uint8")
    resized = _resized(ops.cast(image, "float32"), network.input_shape[1])
    views = [resized, ops.flip(resized, axis=2)] if mirror_average else [resized]
    outputs = [network(view, training=False) for view in views]
    features, logits = (sum(output[name] for output in outputs) / len(outputs) for name in ("features", "logits"))
    result = {"probabilities": ops.softmax(logits / temperature), "features": features}
    if known:
        centered = features - known.mean
        length = ops.sqrt(ops.sum(centered * centered, axis=1, keepdims=True) + 1e-12)
        result["familiarity"] = ops.max(ops.matmul(centered / length, known.directions), axis=1)
    return keras.Model([image], result)


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
