"""The network: feed-forward style transfer (Johnson et al. 2016, arXiv:1603.08155) for several styles.

Every convolution is followed by conditional instance norm with a gain and a bias per style (Dumoulin et al. 2017,
arXiv:1610.07629). Features are enlarged by interpolation before a convolution instead of a transposed convolution
(Odena et al. 2016, "Deconvolution and checkerboard artifacts"). Height and width may be any numbers, including odd
ones.
"""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.fast_style.perceptual_features import PerceptualFeatures
from pipelines.families.fast_style.settings import ModelSettings
from pipelines.training.on_tensorflow.hardware import Precision, compute_precision
from pipelines.training.on_tensorflow.layers import EPSILON, Enlarge, ReflectionPad

OUTPUT_LAYER = "output_convolution"
"""Name of the last convolution."""


class ConditionalInstanceNorm(layers.Layer):
    """Instance norm of (n, h, w, c). Gain and bias are averages over the styles with weights (n, styles)."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__(dtype="float32")  # sums over a whole image need float32
        self.gain = self.add_weight(shape=(styles, channels), initializer="ones", name="gain")
        self.bias = self.add_weight(shape=(styles, channels), initializer="zeros", name="bias")

    def call(self, x: KerasTensor, mix: KerasTensor) -> KerasTensor:
        # Not GroupNormalization, which takes 12 % longer in ONNX Runtime.
        centered = x - ops.mean(x, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(centered), axis=(1, 2), keepdims=True)
        gain, bias = (ops.matmul(mix, table)[:, None, None, :] for table in (self.gain, self.bias))
        return centered * (ops.rsqrt(variance + EPSILON) * gain) + bias


def build_network(
    styles: int, model: ModelSettings, seed: int, precision: Precision = "float32", perceptual: Perceptual | None = None
) -> keras.Model:
    """Photo float32 (n, h, w, 3), 0..255, and mix float32 (n, styles), rows of sum 1 → stylized photo (n, h, w, 3).

    Parameters
    ----------
    styles
        Number of styles.
    model
        Widths, kernels, skip connections and the interpolation method.
    seed
        Seed of the initial weights.
    precision
        Precision of the convolutions. Weights and norms are float32 in any case.
    perceptual
        Network whose features of the photo are an additional input. None: the network uses the pixels only.
    """
    with compute_precision(precision):
        return _build(styles, model, seed, PerceptualFeatures(perceptual, precision) if perceptual else None)


def _build(styles: int, model: ModelSettings, seed: int, features: PerceptualFeatures | None) -> keras.Model:
    width, finest = model.width, model.finest_skip
    rng = keras.random.SeedGenerator(seed)
    photo, mix = keras.Input((None, None, 3), name="image"), keras.Input((styles,), name="mix")

    def conv_block(x: Any, channels: int, kernel: int = 3, stride: int = 1, activation: bool = True) -> Any:
        x = ConditionalInstanceNorm(styles, channels)(_convolution(x, channels, kernel, stride, rng), mix)
        return layers.ReLU()(x) if activation else x

    full = conv_block(layers.Rescaling(1 / 127.5, -1)(photo), width, model.outer_kernel)
    half = conv_block(full, 2 * width, stride=2)
    x = conv_block(half, 4 * width, stride=2)
    if features:
        quarter, eighth = features(photo)
        enlarged = Enlarge(model.enlarge)(conv_block(eighth, 4 * width, kernel=1), quarter)
        x = conv_block(layers.Concatenate()([x, quarter, enlarged]), 4 * width)
    for _ in range(model.blocks):
        x = layers.Add()([x, conv_block(conv_block(x, 4 * width), 4 * width, activation=False)])
    for stride, encoded in ((2, half), (1, full)):
        x = Enlarge(model.enlarge)(x, encoded)
        has_skip = finest is not None and stride >= finest
        x = conv_block(layers.Concatenate()([x, encoded]) if has_skip else x, stride * width)
    x = _convolution(x, 3, model.outer_kernel, 1, rng, use_bias=True, name=OUTPUT_LAYER)
    image = layers.Rescaling(255.0, dtype="float32")(layers.Activation("sigmoid", dtype="float32")(x))
    return keras.Model([photo, mix], image, name="stylizer")


class NormalizedWeights(layers.Layer):
    """Weights (n, styles) → fraction of each style (n, styles), rows of sum 1, and strength (n, 1, 1, 1) in 0..1.

    If all weights are 0, the fractions and the strength are 0.
    """

    def call(self, weights: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
        total = ops.sum(weights, axis=1, keepdims=True)
        return weights / ops.maximum(total, 1e-6), ops.clip(total, 0.0, 1.0)[:, :, None, None]


def served_stylizer(network: keras.Model) -> keras.Model:
    """The network as it is served: `image` and `weights` 0..1 → `picture`.

    The styles are blended in proportion to their weights. The strength s is the sum of the weights, at most 1. The
    result is s · stylized image + (1 - s) · photo.
    """
    photo, weights = (
        keras.Input((None, None, 3), name="image"),
        keras.Input(network.inputs[1].shape[1:], name="weights"),
    )
    mix, strength = NormalizedWeights()(weights)
    stylized = network([photo, mix], training=False)
    return keras.Model([photo, weights], {"picture": strength * stylized + (1 - strength) * photo})


def _convolution(x: Any, channels: int, kernel: int, stride: int, rng: Any, **options: Any) -> Any:
    initial = keras.initializers.GlorotUniform(seed=rng)
    options = {"use_bias": False} | options
    convolution = layers.Conv2D(channels, kernel, stride, kernel_initializer=initial, **options)
    return convolution(ReflectionPad(kernel // 2)(x))
