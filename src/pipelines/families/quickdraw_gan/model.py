"""Generator and discriminator: a class-conditional DCGAN (Radford et al., 2015) for 28 × 28 drawings.

The generator is conditioned on the label by batch norms with a gain and a bias per class (de Vries et al., 2017), the
discriminator by a projection (Miyato & Koyama, 2018). A second output of the discriminator predicts the label (Odena et
al., 2016).
"""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

SLOPE = 0.2
"""Negative slope of the leaky ReLUs in the discriminator, as in the DCGAN paper."""


class ConditionalBatchNorm(layers.Layer):
    """Batch norm of (n, h, w, c) with a gain and a bias per class, for labels (n,)."""

    def __init__(self, classes: int, channels: int) -> None:
        super().__init__()
        self.norm = layers.BatchNormalization(center=False, scale=False, momentum=0.99)
        self.gain = layers.Embedding(classes, channels, embeddings_initializer="ones")
        self.bias = layers.Embedding(classes, channels, embeddings_initializer="zeros")

    def call(self, x: KerasTensor, label: KerasTensor, training: bool = False) -> KerasTensor:
        x = self.norm(x, training=training)
        return x * self.gain(label)[:, None, None, :] + self.bias(label)[:, None, None, :]


class LabelProjection(layers.Layer):
    """Inner product of features (n, d) with a learned vector of each label (n,): (n, 1)."""

    def __init__(self, classes: int, features: int) -> None:
        super().__init__()
        self.vectors = layers.Embedding(classes, features, embeddings_initializer="zeros")

    def call(self, features: KerasTensor, label: KerasTensor) -> KerasTensor:
        return ops.sum(features * self.vectors(label), axis=-1, keepdims=True)


def build_generator(
    classes: int, noise: int, embedding: int, width: int, seed: int, name: str = "generator"
) -> keras.Model:
    """Noise float32 (n, noise) and label int64 (n,) → drawing float32 (n, 28, 28, 1), -1 (paper) to 1 (stroke).

    Parameters
    ----------
    classes
        Number of labels.
    noise
        Size of the latent vector.
    embedding
        Size of the label embedding, which is concatenated with the noise.
    width
        Channels at 7 × 7; half of them at 14 × 14, a quarter at 28 × 28.
    seed
        Seed of the initial weights.
    """
    rng = keras.random.SeedGenerator(seed)
    z, label = keras.Input((noise,), name="noise"), keras.Input((), dtype="int64", name="label")
    vector = layers.Embedding(classes, embedding, embeddings_initializer=_normal(rng))(label)
    x = layers.Concatenate()([z, vector])
    x = layers.Dense(7 * 7 * width, use_bias=False, kernel_initializer=_orthogonal(rng))(x)
    x = layers.Reshape((7, 7, width))(x)
    x = layers.ReLU()(ConditionalBatchNorm(classes, width)(x, label))
    for channels in (width // 2, width // 4):
        # The kernel size is a multiple of the stride, which avoids a checkerboard (Odena et al., 2016b).
        upsample = layers.Conv2DTranspose(channels, 4, 2, "same", use_bias=False, kernel_initializer=_orthogonal(rng))
        x = layers.ReLU()(ConditionalBatchNorm(classes, channels)(upsample(x), label))
    x = layers.Conv2D(1, 3, padding="same", activation="tanh", kernel_initializer=_orthogonal(rng))(x)
    return keras.Model([z, label], x, name=name)


def build_discriminator(classes: int, width: int, seed: int) -> keras.Model:
    """Drawing (n, 28, 28, 1) in -1..1 and label (n,) → logits of being real (n, 1) and of each label (n, classes).

    Regularized by a gradient penalty instead of normalization or dropout (Mescheder et al., 2018). The penalty needs
    the gradient of each drawing, so the items of a batch must not be mixed.

    Parameters
    ----------
    width
        Channels at 14 × 14; twice as many at 7 × 7, four times at 4 × 4.
    """
    rng = keras.random.SeedGenerator(seed)
    image, label = keras.Input((28, 28, 1), name="image"), keras.Input((), dtype="int64", name="label")
    x = image
    for channels, kernel in ((width, 4), (2 * width, 4), (4 * width, 3)):
        x = layers.Conv2D(channels, kernel, 2, "same", kernel_initializer=_orthogonal(rng))(x)
        x = layers.LeakyReLU(SLOPE)(x)
    features = layers.Flatten()(x)  # no pooling, because the position of a stroke matters
    real_logits = layers.Dense(1, kernel_initializer=_orthogonal(rng))(features)
    real_logits = layers.Add()([real_logits, LabelProjection(classes, features.shape[-1])(features, label)])
    label_logits = layers.Dense(classes, kernel_initializer=_orthogonal(rng))(features)
    return keras.Model([image, label], [real_logits, label_logits], name="discriminator")


def _orthogonal(rng: Any) -> keras.Initializer:
    """Orthogonal initial weights (Saxe et al., 2013), as in BigGAN (Brock et al., 2018)."""
    return keras.initializers.Orthogonal(seed=rng)


def _normal(rng: Any) -> keras.Initializer:
    return keras.initializers.RandomNormal(stddev=1.0, seed=rng)
