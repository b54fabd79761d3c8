"""Differentiable augmentation of what a discriminator sees: DiffAugment (Zhao et al. 2020, arXiv:2006.10738)."""

import tensorflow as tf
from tensorflow import Tensor

from pipelines.training.discriminator_augmentation import AugmentationSettings

_GRAY = 127.5


def augment(images: Tensor, settings: AugmentationSettings, seed: Tensor) -> Tensor:
    """Change color and position of images (n, h, w, 3), 0..255, and hide a square; each image differently.

    Parameters
    ----------
    seed
        int64 (2,). Equal seeds give equal changes.
    """
    seeds = tf.unstack(tf.random.split(seed, 3), num=3)
    if settings.color:
        images = _change_color(images, settings.color, seeds[0])
    if settings.translation:
        images = _shift(images, settings.translation, seeds[1])
    if settings.cutout:
        images = _cut_out(images, settings.cutout, seeds[2])
    return images


def _uniform(shape: tuple[Tensor | int, ...], seed: Tensor) -> Tensor:
    """Between -1 and 1."""
    return tf.random.stateless_uniform(shape, seed, -1.0, 1.0)


def _change_color(images: Tensor, strength: float, seed: Tensor) -> Tensor:
    brightness, saturation, contrast = tf.unstack(_uniform((3, tf.shape(images)[0], 1, 1, 1), seed), num=3)
    images += 255 * strength * brightness
    gray = tf.reduce_mean(images, axis=3, keepdims=True)
    images = gray + (images - gray) * (1 + 2 * strength * saturation)
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    return mean + (images - mean) * (1 + 2 * strength * contrast)


def _shift(images: Tensor, fraction: float, seed: Tensor) -> Tensor:
    """Shift by up to `fraction` of the side, the same for all images of a batch, with gray beyond the border."""
    size = tf.shape(images)
    most = tf.cast(fraction * tf.cast(size[1], tf.float32), tf.int32)
    offset = most + tf.cast(tf.round(_uniform((2,), seed) * tf.cast(most, tf.float32)), tf.int32)
    padded = tf.pad(images - _GRAY, [[0, 0], [most, most], [most, most], [0, 0]])
    return tf.slice(padded, tf.stack([0, offset[0], offset[1], 0]), size) + _GRAY


def _cut_out(images: Tensor, fraction: float, seed: Tensor) -> Tensor:
    """Paint a square gray, at a random position that may extend beyond the border."""
    count, height, width = tf.unstack(tf.shape(images)[:3], num=3)
    center = (_uniform((count, 2, 1, 1), seed) + 1) / 2
    rows = (tf.cast(tf.range(height), tf.float32) + 0.5) / tf.cast(height, tf.float32)
    columns = (tf.cast(tf.range(width), tf.float32) + 0.5) / tf.cast(width, tf.float32)
    inside = (tf.abs(rows[None, :, None] - center[:, 0]) < fraction / 2) & (
        tf.abs(columns[None, None, :] - center[:, 1]) < fraction / 2
    )
    return tf.where(inside[..., None], _GRAY, images)
