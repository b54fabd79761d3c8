"""The losses of discriminator and generator, by name. Their weights are parameters."""

import tensorflow as tf
from tensorflow import Tensor


def discriminator_losses(real: Tensor, fake: Tensor, label_logits: Tensor, label: Tensor) -> dict[str, Tensor]:
    """The losses of the discriminator on one batch, each a scalar.

    `adversarial` is the logistic loss of Goodfellow et al. (2014). `label` is computed on real drawings only, because
    generated drawings show no label at the start of training.

    Parameters
    ----------
    real, fake
        (n, 1) logits of being real, for real and for generated drawings.
    label_logits
        (n, classes) logits of the labels, for the real drawings.
    label
        (n,) labels of the real drawings.
    """
    return {
        "adversarial": tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake)),
        "label": label_loss(label_logits, label),
    }


def generator_losses(fake: Tensor, label_logits: Tensor, label: Tensor) -> dict[str, Tensor]:
    """The losses of the generator: the non-saturating loss (Goodfellow et al., 2014), and the label loss."""
    return {"adversarial": tf.reduce_mean(tf.nn.softplus(-fake)), "label": label_loss(label_logits, label)}


def label_loss(label_logits: Tensor, label: Tensor) -> Tensor:
    """Cross-entropy of label logits (n, classes) and labels (n,)."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(label, label_logits))


def gradient_penalty(gradient: Tensor) -> Tensor:
    """R1 (Mescheder et al., 2018): half the mean squared norm of the gradients (n, 28, 28, 1) at real drawings."""
    return tf.reduce_mean(tf.reduce_sum(tf.square(gradient), axis=(1, 2, 3))) / 2
