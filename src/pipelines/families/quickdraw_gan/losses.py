"""The losses of both players, by name; their weights are parameters."""

import tensorflow as tf
from tensorflow import Tensor


def discriminator_losses(real: Tensor, fake: Tensor, named: Tensor, label: Tensor) -> dict[str, Tensor]:
    """What the discriminator minimises on one batch, each a scalar.

    `adversarial` is the logistic loss of Goodfellow et al. (2014). `label` asks for the names of real drawings only:
    what the generator draws at first deserves no name.

    Parameters
    ----------
    real, fake
        (n, 1) logits of being real, of real and of generated drawings.
    named
        (n, classes) logits of the label, of the real drawings.
    label
        (n,) their labels.
    """
    return {
        "adversarial": tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake)),
        "label": label_loss(named, label),
    }


def generator_losses(fake: Tensor, named: Tensor, label: Tensor) -> dict[str, Tensor]:
    """What the generator minimises: the non-saturating loss (Goodfellow et al., 2014), and being named as asked."""
    return {"adversarial": tf.reduce_mean(tf.nn.softplus(-fake)), "label": label_loss(named, label)}


def label_loss(named: Tensor, label: Tensor) -> Tensor:
    """Cross-entropy of label logits (n, classes) against labels (n,)."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(label, named))


def gradient_penalty(gradient: Tensor) -> Tensor:
    """R1 (Mescheder et al., 2018): half the mean squared length of the gradients (n, 28, 28, 1) at real drawings."""
    return tf.reduce_mean(tf.reduce_sum(tf.square(gradient), axis=(1, 2, 3))) / 2
