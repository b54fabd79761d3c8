"""Named losses and their weights."""

from collections.abc import Mapping

import tensorflow as tf
from tensorflow import Tensor


def weighted_sum(losses: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Σ weight · loss over the names in `losses`; a loss without a weight is an error (KeyError)."""
    return tf.add_n([weights[name] * loss for name, loss in losses.items()])
