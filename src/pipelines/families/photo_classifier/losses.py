"""The losses of the classifier, by name. Their weights are parameters."""

import tensorflow as tf
from tensorflow import Tensor


def classification_losses(
    logits: Tensor, targets: Tensor, class_weights: Tensor, label_smoothing: float
) -> dict[str, Tensor]:
    """Named losses of one batch, each a scalar.

    Parameters
    ----------
    logits
        float32 (n, classes).
    targets
        float32 (n, classes), each row a probability distribution.
    class_weights
        float32 (classes,): weight of the items of each class.
    label_smoothing
        Fraction of each target that is distributed over all classes (Szegedy et al. 2015, arXiv:1512.00567).
    """
    weights = tf.linalg.matvec(targets, class_weights)
    smoothed = targets * (1 - label_smoothing) + label_smoothing / targets.shape[1]
    losses = tf.nn.softmax_cross_entropy_with_logits(smoothed, logits)
    return {"cross_entropy": tf.reduce_sum(weights * losses) / tf.reduce_sum(weights)}
