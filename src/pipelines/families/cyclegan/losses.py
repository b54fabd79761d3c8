"""The losses of generators and discriminators."""

from collections.abc import Sequence

import tensorflow as tf
from tensorflow import Tensor


def least_squares(scores: Sequence[Tensor], target: float) -> Tensor:
    """Mean squared difference of scores and target (Mao et al. 2017, arXiv:1611.04076).

    The mean over the PatchGAN, the first output, and over all heads on features, if there are any: the heads together
    have the same weight as the PatchGAN, which alone sees artifacts that leave the features unchanged.
    """
    patches, *heads = (tf.reduce_mean(tf.square(each - target)) for each in scores)
    return (patches + tf.add_n(heads) / len(heads)) / 2 if heads else patches


def discriminator_loss(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Scores of real images shall be 1, those of others 0. Halved, as in section 7.1 of the paper."""
    return (least_squares(real, 1.0) + least_squares(fake, 0.0)) / 2


def absolute_difference(images: Tensor, others: Tensor) -> Tensor:
    """Mean absolute difference of images (n, h, w, 3), 0..255; 2 is black against white, as in the paper."""
    return tf.reduce_mean(tf.abs(images - others)) / 127.5
