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


def relative_distance(these: tf.Tensor, those: tf.Tensor) -> tf.Tensor:
    """‖these - those‖ / ‖those‖ over all but the first axis (Frobenius): (batch,).

    The square root has no gradient where both are equal, so the smallest result is 1e-4.
    """
    axes = list(range(1, len(these.shape)))
    away = tf.reduce_sum(tf.square(these - those), axes)
    return tf.sqrt(away / tf.reduce_sum(tf.square(those), axes) + 1e-8)


def mean(values: tf.Tensor) -> tf.Tensor:
    """Of all elements."""
    return tf.reduce_mean(values)


def stack(values: Sequence[tf.Tensor]) -> tf.Tensor:
    """Along a new first axis."""
    return tf.stack(values)


def shifted(images: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
    """Images moved up and left by `offset` - `MAX_SHIFT` pixels, mirrored at the border."""
    size, margin = tf.shape(images), (MAX_SHIFT, MAX_SHIFT)
    padded = tf.pad(images, ((0, 0), margin, margin, (0, 0)), "REFLECT")
    return tf.slice(padded, (0, offset[0], offset[1], 0), size)
