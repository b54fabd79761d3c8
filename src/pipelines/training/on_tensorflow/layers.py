"""Keras layers that image networks share. Height and width of their inputs may be any numbers."""

from typing import Literal

import tensorflow as tf
from keras import KerasTensor, layers, ops

EPSILON = 1e-5


class ReflectionPad(layers.Layer):
    """Reflection padding of (n, h, w, c) by `width` pixels on each side. Zero padding would give dark borders."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def call(self, x: KerasTensor) -> KerasTensor:
        sides = (self.width, self.width)
        return ops.pad(x, ((0, 0), sides, sides, (0, 0)), mode="reflect")


class Enlarge(layers.Layer):
    """Double the size of (n, h, w, c). With another tensor (n, h', w', c'), crop it to the size of that one.

    Parameters
    ----------
    method
        `bilinear`, or `nearest` to repeat each pixel.
    """

    def __init__(self, method: Literal["bilinear", "nearest"]) -> None:
        super().__init__()
        self.method = method

    def call(self, x: KerasTensor, like: KerasTensor | None = None) -> KerasTensor:
        # tf.image, because the resizing of Keras needs static sizes
        doubled = tf.cast(tf.image.resize(x, 2 * tf.shape(x)[1:3], self.method), x.dtype)
        if like is None:
            return doubled
        size = tf.shape(like)
        return doubled[:, : size[1], : size[2]]


class ChannelNorm(layers.Layer):
    """Divide the channels of each pixel of (n, h, w, c) by their root mean square; with a gain and a bias per channel.

    The pixel norm of Karras et al. 2018 (arXiv:1710.10196, section 4.2). Unlike instance norm, it needs no statistics
    of the image, so that a part of an image gives the same result as the whole.
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")
        self.bias = self.add_weight(shape=(shape[-1],), initializer="zeros", name="bias")

    def call(self, x: KerasTensor) -> KerasTensor:
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        return x * ops.rsqrt(mean_square + EPSILON) * self.gain + self.bias
