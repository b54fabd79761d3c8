"""The discriminator: whether parts of an image are real, seen at the pixels and through a frozen network.

The first output is that of a PatchGAN (Isola et al. 2017, arXiv:1611.07004, section 3.2.2). The others are small heads
on features of the perceptual network, as in Projected GANs (Sauer et al. 2021, arXiv:2111.01007, section 3.2): a
hundred paintings and some thousand steps are not enough to learn filters that respond to textures from scratch.
"""

from collections.abc import Mapping
from typing import Any

import keras
from keras import KerasTensor, layers, ops

from pipelines.families.cyclegan.settings import DiscriminatorSettings
from pipelines.training.on_tensorflow.hardware import Precision, compute_precision
from pipelines.training.on_tensorflow.layers import EPSILON, ReflectionPad

SLOPE = 0.2
"""Negative slope of the leaky ReLUs, as in the paper."""


class InstanceNorm(layers.Layer):
    """Instance norm of (n, h, w, c), without gain and bias."""

    def call(self, x: KerasTensor) -> KerasTensor:
        centered = x - ops.mean(x, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(centered), axis=(1, 2), keepdims=True)
        return centered * ops.rsqrt(variance + EPSILON)


class UnitNorm(layers.Layer):
    """Divide the channels of each pixel of (n, h, w, c) by their root mean square, as LPIPS does."""

    def call(self, x: KerasTensor) -> KerasTensor:
        return x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + EPSILON)


def build_discriminator(
    settings: DiscriminatorSettings,
    features: Mapping[str, int],
    seed: int,
    name: str,
    precision: Precision = "float32",
) -> keras.Model:
    """Image (n, h, w, 3), 0..255, and its features (n, h', w', channels) → a list of scores, (n, …, 1) each.

    Scores of real images are trained to be 1, of others 0 (Mao et al. 2017, arXiv:1611.04076).

    Parameters
    ----------
    features
        Layer → number of channels; the order of the inputs after the image. May be empty.
    """
    with compute_precision(precision):
        rng = keras.random.SeedGenerator(seed)
        image = keras.Input((None, None, 3), name="image")
        maps = [keras.Input((None, None, channels)) for channels in features.values()]
        scores = [_patches(image, settings, rng)]
        scores += [_head(each, settings.head_width, rng) for each in maps]
        return keras.Model([image, *maps], [layers.Activation("linear", dtype="float32")(x) for x in scores], name=name)


def _patches(image: Any, settings: DiscriminatorSettings, rng: Any) -> Any:
    x = layers.Rescaling(1 / 127.5, -1)(image)
    depth = {34: 2, 70: 3}[settings.patch]
    for level in range(depth + 1):
        x = _convolution(x, settings.width * 2**level, 4, 2 if level < depth else 1, rng)
        x = InstanceNorm()(x) if level else x
        x = layers.LeakyReLU(SLOPE)(x)
    return _convolution(x, 1, 4, 1, rng)


def _head(features: Any, width: int, rng: Any) -> Any:
    x = layers.LeakyReLU(SLOPE)(_convolution(UnitNorm()(features), width, 1, 1, rng))
    x = layers.LeakyReLU(SLOPE)(_convolution(x, width, 3, 1, rng))
    return _convolution(x, 1, 1, 1, rng)


def _convolution(x: Any, channels: int, kernel: int, stride: int, rng: Any) -> Any:
    initial = keras.initializers.HeNormal(seed=rng)
    x = ReflectionPad((kernel - 1) // 2)(x)
    return layers.Conv2D(channels, kernel, stride, kernel_initializer=initial)(x)
