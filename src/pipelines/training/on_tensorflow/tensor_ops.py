"""Tensor functions of style transfer in TensorFlow, for images and features (batch, height, width, channels)."""

from collections.abc import Sequence

import tensorflow as tf

from pipelines.training.style_transfer import MAX_SHIFT

height_axis = 1


def gram(features: tf.Tensor) -> tf.Tensor:
    """F Fᵀ / HW of each image: (batch, height, width, channels) → (batch, channels, channels)."""
    shape = tf.shape(features)
    rows = tf.reshape(features, (shape[0], shape[1] * shape[2], features.shape[3]))
    return tf.matmul(rows, rows, transpose_a=True) / tf.cast(shape[1] * shape[2], features.dtype)


def relative_distance(actual: tf.Tensor, reference: tf.Tensor) -> tf.Tensor:
    """‖actual - reference‖ / ‖reference‖, Frobenius norms over all axes but the first: (batch,).

    The smallest result is 1e-4, because the square root has no gradient at 0.
    """
    axes = list(range(1, len(actual.shape)))
    squared_difference = tf.reduce_sum(tf.square(actual - reference), axes)
    return tf.sqrt(squared_difference / tf.reduce_sum(tf.square(reference), axes) + 1e-8)


def mean(values: tf.Tensor) -> tf.Tensor:
    """Mean of all elements."""
    return tf.reduce_mean(values)


def stack(values: Sequence[tf.Tensor]) -> tf.Tensor:
    """Stack tensors along a new first axis."""
    return tf.stack(values)


def shifted(images: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
    """Move images up and left by `offset` - `MAX_SHIFT` pixels, with reflection padding."""
    size, margin = tf.shape(images), (MAX_SHIFT, MAX_SHIFT)
    padded = tf.pad(images, ((0, 0), margin, margin, (0, 0)), "REFLECT")
    return tf.slice(padded, (0, offset[0], offset[1], 0), size)
