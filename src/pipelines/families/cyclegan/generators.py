"""The generators: an image → an image in the other domain, of the same size.

Both take RGB from 0 to 255, (n, h, w, 3), and pad by reflection to a multiple of their coarsest stride. No layer uses
statistics of the whole image, so that a large image can be translated in tiles without seams.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import KerasTensor, layers, ops

from pipelines.families.cyclegan.settings import ResidualSettings, UNetSettings
from pipelines.training.on_tensorflow.hardware import Precision, compute_precision
from pipelines.training.on_tensorflow.layers import ChannelNorm, Enlarge, ReflectionPad

OUTPUT_LAYER = "output_convolution"
"""Name of the last convolution."""


class PadToMultiple(layers.Layer):
    """Pad (n, h, w, c) at the bottom and the right by reflection, until both sides are multiples of a number."""

    def __init__(self, multiple: int) -> None:
        super().__init__()
        self.multiple = multiple

    def call(self, x: KerasTensor) -> KerasTensor:
        for axis in (1, 2):
            size = tf.shape(x)[axis]
            # The dividend is never negative, because the remainder of a negative number differs in ONNX.
            index = tf.range(size + (self.multiple - size % self.multiple) % self.multiple)
            x = tf.gather(x, tf.minimum(index, 2 * size - 1 - index), axis=axis)  # symmetric tf.pad is slower in ONNX
        return x


class CropLike(layers.Layer):
    """Crop (n, h, w, c) to the height and width of another tensor."""

    def call(self, x: KerasTensor, like: KerasTensor) -> KerasTensor:
        size = tf.shape(like)
        return x[:, : size[1], : size[2]]


class CoarseColors(layers.Layer):
    """(n, h, w, 3) without its details: means of 4 × 4 pixels, enlarged by interpolation. h and w are multiples of 4.

    The generators add to these colors what they paint. They would otherwise need most of a short training to learn to
    reproduce the colors of their input, and details that were added to the input itself would remain photographic.
    """

    def call(self, x: KerasTensor) -> KerasTensor:
        return tf.image.resize(tf.nn.avg_pool2d(x, 4, 4, "VALID"), tf.shape(x)[1:3], "bilinear")


def build_generator(
    settings: ResidualSettings | UNetSettings, seed: int, name: str, precision: Precision = "float32"
) -> keras.Model:
    """Image float32 (n, h, w, 3), 0..255 → image float32 (n, h, w, 3), 0..255.

    Parameters
    ----------
    settings
        The architecture and its sizes.
    seed
        Seed of the initial weights.
    name
        Name of the network.
    precision
        Precision of the convolutions. Weights and the output are float32 in any case.
    """
    with compute_precision(precision):
        block = _Blocks(keras.random.SeedGenerator(seed))
        image = keras.Input((None, None, 3), name="image")
        padded = PadToMultiple(settings.stride)(image)
        x = layers.Rescaling(1 / 127.5, -1)(padded)
        x = _unet(x, settings, block) if isinstance(settings, UNetSettings) else _residual(x, settings, block)
        details = layers.Rescaling(127.5, dtype="float32")(x)
        x = layers.Add(dtype="float32")([CoarseColors(dtype="float32")(padded), details])
        return keras.Model(image, CropLike(dtype="float32")(x, image), name=name)


def served_generator(generator: keras.Model) -> keras.Model:
    """The generator as it is served: `image` → `picture`, both RGB from 0 to 255."""
    image = keras.Input((None, None, 3), name="image")
    return keras.Model(image, {"picture": ops.clip(generator(image, training=False), 0.0, 255.0)})


class _Blocks:
    """Makes the parts of a generator, with random numbers from one generator."""

    def __init__(self, rng: keras.random.SeedGenerator) -> None:
        self._rng = rng

    def __call__(self, x: Any, channels: int, kernel: int = 3, stride: int = 1, activation: bool = True) -> Any:
        """Convolution, norm and ReLU."""
        x = ChannelNorm()(self.convolution(x, channels, kernel, stride, use_bias=False))
        return layers.ReLU()(x) if activation else x

    def convolution(self, x: Any, channels: int, kernel: int = 3, stride: int = 1, **options: Any) -> Any:
        options = {"kernel_initializer": keras.initializers.HeNormal(seed=self._rng)} | options
        return layers.Conv2D(channels, kernel, stride, **options)(ReflectionPad(kernel // 2)(x))

    def output(self, x: Any, kernel: int) -> Any:
        """The last convolution, which is 0 at first."""
        return self.convolution(x, 3, kernel, kernel_initializer="zeros", name=OUTPUT_LAYER)


def _residual(x: Any, settings: ResidualSettings, block: _Blocks) -> Any:
    """Residual blocks at a quarter of the size (Johnson et al. 2016; Zhu et al. 2017, section 4).

    Unlike theirs, it has skip connections: without them the decoder leaves a grid for long, see `docs/cyclegan.md`.
    """
    width = settings.width
    full = block(x, width, settings.outer_kernel)
    half = block(full, 2 * width, stride=2)
    x = block(half, 4 * width, stride=2)
    for _ in range(settings.blocks):
        x = layers.Add()([x, block(block(x, 4 * width), 4 * width, activation=False)])
    for channels, like in ((2 * width, half), (width, full)):
        x = block(layers.Concatenate()([Enlarge("bilinear")(x), like]), channels)
    return block.output(x, settings.outer_kernel)


def _unet(x: Any, settings: UNetSettings, block: _Blocks) -> Any:
    """The U-Net of Isola et al. 2017 (arXiv:1611.07004, section 6.1.1), down to a stride of 2^levels."""
    encoded = [block(x, settings.channels(0), settings.outer_kernel)]
    for level in range(1, settings.levels + 1):
        encoded.append(block(encoded[-1], settings.channels(level), stride=2))
    x = block(encoded[-1], settings.channels(settings.levels))
    for level, like in reversed(list(enumerate(encoded[:-1]))):
        x = block(layers.Concatenate()([Enlarge("bilinear")(x), like]), settings.channels(level))
    return block.output(x, settings.outer_kernel)
