"""The network: feed-forward style transfer (Johnson et al. 2016, arXiv:1603.08155) for several styles.

Every convolution is normalised with a gain and a bias of each style, conditional instance norm (Dumoulin et al. 2017,
arXiv:1610.07629); features are enlarged before a convolution, not by one (Odena et al. 2016, "Deconvolution and
checkerboard artifacts"). Any height and width is accepted, odd ones too.
"""

from typing import Any, Literal

import keras
import tensorflow as tf
from keras import KerasTensor, layers, ops

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.fast_style.perceptual_features import PerceptualFeatures
from pipelines.families.fast_style.settings import ModelSettings
from pipelines.training.on_tensorflow.hardware import Precision, computing_in

EPSILON = 1e-5
OUTPUT_LAYER = "paint"
"""Name of the layer that computes the image."""


class ConditionalInstanceNorm(layers.Layer):
    """Instance norm of (n, h, w, c) with a gain and a bias mixed from those of the styles, by weights (n, styles)."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__(dtype="float32")  # sums over a whole image
        self.gain = self.add_weight(shape=(styles, channels), initializer="ones", name="gain")
        self.bias = self.add_weight(shape=(styles, channels), initializer="zeros", name="bias")

    def call(self, x: KerasTensor, mix: KerasTensor) -> KerasTensor:
        # By hand: GroupNormalization takes 12 % longer in ONNX Runtime.
        centred = x - ops.mean(x, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(centred), axis=(1, 2), keepdims=True)
        gain, bias = (ops.matmul(mix, table)[:, None, None, :] for table in (self.gain, self.bias))
        return centred * (ops.rsqrt(variance + EPSILON) * gain) + bias


class ReflectionPad(layers.Layer):
    """Mirror (n, h, w, c) at its borders, `width` pixels on each side: no dark frame as with zeros."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def call(self, x: KerasTensor) -> KerasTensor:
        sides = (self.width, self.width)
        return ops.pad(x, ((0, 0), sides, sides, (0, 0)), mode="reflect")


class Enlarge(layers.Layer):
    """Make (n, h, w, c) twice as large, and cut it to the size of another (n, h', w', c').

    Parameters
    ----------
    method
        `bilinear`, or `nearest` to repeat each pixel.
    """

    def __init__(self, method: Literal["bilinear", "nearest"]) -> None:
        super().__init__()
        self.method = method

    def call(self, x: KerasTensor, like: KerasTensor) -> KerasTensor:
        wanted = tf.shape(like)  # Keras' own resizing needs to know sizes beforehand
        large = tf.image.resize(x, 2 * tf.shape(x)[1:3], self.method)
        return tf.cast(large, x.dtype)[:, : wanted[1], : wanted[2]]


def build_network(
    styles: int, model: ModelSettings, seed: int, precision: Precision = "float32", perceptual: Perceptual | None = None
) -> keras.Model:
    """Photo float32 (n, h, w, 3), 0..255, and mix float32 (n, styles), rows of sum 1 → picture (n, h, w, 3), 0..255.

    Parameters
    ----------
    styles
        Number of styles.
    model
        Its size, and how it enlarges and skips.
    seed
        Of the initial weights.
    precision
        Of the convolutions; weights and norms are float32 either way.
    perceptual
        Network whose features of the photo are a further input; None: the pixels alone.
    """
    with computing_in(precision):
        return _build(styles, model, seed, PerceptualFeatures(perceptual, precision) if perceptual else None)


def _build(styles: int, model: ModelSettings, seed: int, features: PerceptualFeatures | None) -> keras.Model:
    width, finest = model.width, model.finest_skip
    rng = keras.random.SeedGenerator(seed)
    photo, mix = keras.Input((None, None, 3), name="image"), keras.Input((styles,), name="mix")

    def convolved(x: Any, channels: int, kernel: int = 3, stride: int = 1, active: bool = True) -> Any:
        x = ConditionalInstanceNorm(styles, channels)(_convolution(x, channels, kernel, stride, rng), mix)
        return layers.ReLU()(x) if active else x

    full = convolved(layers.Rescaling(1 / 127.5, -1)(photo), width, model.outer_kernel)
    half = convolved(full, 2 * width, stride=2)
    x = convolved(half, 4 * width, stride=2)
    if features:
        quarter, eighth = features(photo)
        enlarged = Enlarge(model.enlarge)(convolved(eighth, 4 * width, kernel=1), quarter)
        x = convolved(layers.Concatenate()([x, quarter, enlarged]), 4 * width)
    for _ in range(model.blocks):
        x = layers.Add()([x, convolved(convolved(x, 4 * width), 4 * width, active=False)])
    for stride, finer in ((2, half), (1, full)):
        x = Enlarge(model.enlarge)(x, finer)
        skips = finest is not None and stride >= finest
        x = convolved(layers.Concatenate()([x, finer]) if skips else x, stride * width)
    x = _convolution(x, 3, model.outer_kernel, 1, rng, use_bias=True, name=OUTPUT_LAYER)
    picture = layers.Rescaling(255.0, dtype="float32")(layers.Activation("sigmoid", dtype="float32")(x))
    return keras.Model([photo, mix], picture, name="painter")


class Mix(layers.Layer):
    """Weights (n, styles) → the share of each style, rows of sum 1, and the total strength (n, 1, 1, 1).

    Weights that are all 0 make rows of 0, and the strength 0.
    """

    def call(self, weights: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
        total = ops.sum(weights, axis=1, keepdims=True)
        return weights / ops.maximum(total, 1e-6), ops.clip(total, 0.0, 1.0)[:, :, None, None]


def painting_model(network: keras.Model) -> keras.Model:
    """The network as it is served: `image` and `weights` 0..1 → `picture`.

    The styles are blended in proportion to their weights. The sum of the weights, at most 1, is the strength s: the
    result is s times the stylized image plus 1 - s times the photo.
    """
    photo, weights = (
        keras.Input((None, None, 3), name="image"),
        keras.Input(network.inputs[1].shape[1:], name="weights"),
    )
    mix, strength = Mix()(weights)
    painted = network([photo, mix], training=False)
    return keras.Model([photo, weights], {"picture": strength * painted + (1 - strength) * photo})


def _convolution(x: Any, channels: int, kernel: int, stride: int, rng: Any, **options: Any) -> Any:
    initial = keras.initializers.GlorotUniform(seed=rng)
    options = {"use_bias": False} | options
    convolution = layers.Conv2D(channels, kernel, stride, kernel_initializer=initial, **options)
    return convolution(ReflectionPad(kernel // 2)(x))
