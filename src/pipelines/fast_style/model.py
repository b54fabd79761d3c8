"""The network that paints: feed-forward style transfer (Johnson et al. 2016, arXiv:1603.08155) for several styles.

Every convolution is normalised with a gain and a bias of each style, conditional instance norm (Dumoulin et al. 2017,
arXiv:1610.07629); pictures are made larger by repeating pixels before a convolution (Odena et al. 2016, "Deconvolution
and checkerboard artifacts"). Any height and width will do, odd ones too.
"""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from pipelines.on_tensorflow.hardware import Precision, computing_in

FIRST_KERNEL = 9
"""Side of the first and of the last kernel."""
EPSILON = 1e-5
LAST = "paint"
"""Name of the layer that makes the picture."""


class ConditionalInstanceNorm(layers.Layer):
    """Instance norm of (n, h, w, c) with a gain and a bias mixed from those of the styles, by weights (n, styles)."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__(dtype="float32")  # sums over a whole picture
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
    """Repeat each pixel of (n, h, w, c) twice both ways, and cut to the size of another (n, h', w', c')."""

    def call(self, x: KerasTensor, like: KerasTensor) -> KerasTensor:
        shape = ops.shape(like)
        return ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)[:, : shape[1], : shape[2]]


def build_network(
    styles: int, width: int, blocks: int, finest_skip: int | None, seed: int, precision: Precision = "float32"
) -> keras.Model:
    """Photo float32 (n, h, w, 3), 0..255, and mix float32 (n, styles), rows of sum 1 → picture (n, h, w, 3), 0..255.

    Parameters
    ----------
    styles
        Number of styles.
    width
        Channels at full size; twice and four times as many at a half and a quarter of it.
    blocks
        Residual blocks at a quarter of the size.
    finest_skip
        1 for full size, 2 for half of it: from there on downwards, the way up also sees what the way down saw at the
        same size. None: nowhere, as published. Where it has to make up the finest details, the network leaves a
        checkerboard; where it has them, it takes longer to paint rather than colour a photo.
    seed
        Of the initial weights.
    precision
        Of the convolutions; weights and norms are float32 either way.
    """
    with computing_in(precision):
        return _build(styles, width, blocks, finest_skip, seed)


def _build(styles: int, width: int, blocks: int, finest_skip: int | None, seed: int) -> keras.Model:
    chance = keras.random.SeedGenerator(seed)
    photo, mix = keras.Input((None, None, 3), name="image"), keras.Input((styles,), name="mix")

    def convolved(x: Any, channels: int, kernel: int = 3, stride: int = 1, active: bool = True) -> Any:
        x = ConditionalInstanceNorm(styles, channels)(_convolution(x, channels, kernel, stride, chance), mix)
        return layers.ReLU()(x) if active else x

    full = convolved(layers.Rescaling(1 / 127.5, -1)(photo), width, FIRST_KERNEL)
    half = convolved(full, 2 * width, stride=2)
    x = convolved(half, 4 * width, stride=2)
    for _ in range(blocks):
        x = layers.Add()([x, convolved(convolved(x, 4 * width), 4 * width, active=False)])
    for stride, seen in ((2, half), (1, full)):
        x = Enlarge()(x, seen)
        skips = finest_skip is not None and stride >= finest_skip
        x = convolved(layers.Concatenate()([x, seen]) if skips else x, stride * width)
    x = _convolution(x, 3, FIRST_KERNEL, 1, chance, use_bias=True, name=LAST)
    picture = layers.Rescaling(255.0, dtype="float32")(layers.Activation("sigmoid", dtype="float32")(x))
    return keras.Model([photo, mix], picture, name="painter")


class Mix(layers.Layer):
    """Weights (n, styles) → what each style counts for, rows of sum 1, and the strength of all together (n, 1, 1, 1).

    Weights that are all 0 make rows of 0, and the strength 0.
    """

    def call(self, weights: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
        total = ops.sum(weights, axis=1, keepdims=True)
        return weights / ops.maximum(total, 1e-6), ops.clip(total, 0.0, 1.0)[:, :, None, None]


def painting_model(network: keras.Model) -> keras.Model:
    """The network as it is served: `image` and `weights` 0..1 → `picture`.

    The styles are mixed in the proportion of their weights; the sum of the weights, at most 1, is the strength: what is
    missing to 1 is filled up with the photo itself.
    """
    photo, weights = (
        keras.Input((None, None, 3), name="image"),
        keras.Input(network.inputs[1].shape[1:], name="weights"),
    )
    mix, strength = Mix()(weights)
    painted = network([photo, mix], training=False)
    return keras.Model([photo, weights], {"picture": strength * painted + (1 - strength) * photo})


def _convolution(x: Any, channels: int, kernel: int, stride: int, chance: Any, **options: Any) -> Any:
    initial = keras.initializers.GlorotUniform(seed=chance)
    options = {"use_bias": False} | options
    convolution = layers.Conv2D(channels, kernel, stride, kernel_initializer=initial, **options)
    return convolution(ReflectionPad(kernel // 2)(x))
