"""Augmentation of a batch in one resampling: random crops, flips and quarter turns, colors, and mixup.

All random numbers are stateless: they depend on a seed of two integers only.
"""

from typing import Any

import tensorflow as tf
from tensorflow import Tensor

from pipelines.families.photo_classifier.settings import AugmentationSettings

MAX_ASPECT = 4 / 3
"""Largest ratio of the sides of a crop."""


def augment(photos: Tensor, size: int, settings: AugmentationSettings, seed: Tensor) -> Tensor:
    """Photos (n, height, width, 3), 0 to 255 → float32 (n, size, size, 3), each with its own random changes."""
    count = tf.shape(photos)[0]
    draws = tf.random.stateless_uniform((9, count), seed)
    boxes = _boxes(draws[:4], settings.min_area)
    boxes = _flipped(boxes, draws[4], draws[5], settings.flips)
    crops = tf.image.crop_and_resize(tf.cast(photos, tf.float32), boxes, tf.range(count), (size, size))
    if settings.flips == "all":  # with both flips, a transposition gives all quarter turns
        turned = tf.transpose(crops, (0, 2, 1, 3))
        crops = tf.where(_each(draws[6] < 0.5), turned, crops)
    return _recolored(crops, draws[7:], settings.color)


def views(photos: Tensor, number: int, flips: str) -> Tensor:
    """Photos flipped or turned in one fixed way. Number 0: the photos themselves; 1: mirrored, where allowed."""
    if flips == "none" or number == 0:
        return photos
    if flips == "horizontal":
        return photos[:, :, ::-1] if number % 2 else photos
    photos = photos[:, :, ::-1] if number & 1 else photos
    photos = photos[:, ::-1] if number & 2 else photos
    return tf.transpose(photos, (0, 2, 1, 3)) if number & 4 else photos


def mixup(photos: Tensor, targets: Tensor, weight: Tensor, seed: Tensor) -> tuple[Tensor, Tensor]:
    """Blend each photo of a batch with another one, and their targets (Zhang et al. 2017, arXiv:1710.09412).

    Parameters
    ----------
    weight
        Of the photo itself, 0.5 to 1, one for the whole batch.
    """
    count = tf.shape(photos)[0]
    partner = tf.argsort(tf.random.stateless_uniform((count,), seed))
    return tuple(weight * x + (1 - weight) * tf.gather(x, partner) for x in (photos, targets))


def _boxes(draws: Tensor, min_area: float) -> Tensor:
    """Random crops (n, 4) as top, left, bottom and right, 0 to 1."""
    area = min_area + (1 - min_area) * draws[0]
    aspect = tf.pow(MAX_ASPECT, 2 * draws[1] - 1)
    height, width = (tf.minimum(tf.sqrt(area * ratio), 1.0) for ratio in (aspect, 1 / aspect))
    top, left = draws[2] * (1 - height), draws[3] * (1 - width)
    return tf.stack([top, left, top + height, left + width], axis=1)


def _flipped(boxes: Tensor, horizontal: Tensor, vertical: Tensor, flips: str) -> Tensor:
    """Boxes whose ends are exchanged with probability 1/2: `crop_and_resize` then flips the crop."""
    top, left, bottom, right = tf.unstack(boxes, axis=1)
    if flips in ("horizontal", "all"):
        left, right = tf.where(horizontal < 0.5, left, right), tf.where(horizontal < 0.5, right, left)
    if flips == "all":
        top, bottom = tf.where(vertical < 0.5, top, bottom), tf.where(vertical < 0.5, bottom, top)
    return tf.stack([top, left, bottom, right], axis=1)


def _recolored(photos: Tensor, draws: Tensor, amount: float) -> Tensor:
    """Photos with random brightness, contrast and saturation. The two draws of a photo set all three."""
    if amount == 0:
        return photos
    first, second = (_each(1 + amount * (2 * draw - 1)) for draw in tf.unstack(draws))
    third = _each(1 + amount * (2 * ((draws[0] * 7919) % 1) - 1))
    photos = photos * first
    mean = tf.reduce_mean(photos, (1, 2, 3), keepdims=True)
    photos = mean + second * (photos - mean)
    grey = tf.reduce_mean(photos, 3, keepdims=True)
    return tf.clip_by_value(grey + third * (photos - grey), 0.0, 255.0)


def _each(values: Tensor) -> Any:
    """(n,) → (n, 1, 1, 1)."""
    return values[:, None, None, None]
