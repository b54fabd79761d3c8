"""Early stopping: a training ends when validation no longer improves, and the best weights are exported."""

import math
from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray


class EarlyStopping(tf.Module):
    """The best weights so far. It is part of a checkpoint, so that a resumed training stops at the same epoch.

    Parameters
    ----------
    weights
        Those before the training, for their shapes.
    patience
        Number of epochs without a smaller validation loss after which training ends. None: it never does, and no
        weights are kept.
    """

    def __init__(self, weights: Sequence[NDArray[Any]], patience: int | None) -> None:
        super().__init__()
        self._patience = patience
        self.best_loss = tf.Variable(math.inf)
        self.waited = tf.Variable(0, dtype=tf.int64)
        self.best = [tf.Variable(each) for each in weights] if patience else []

    def update(self, loss: float, weights: Sequence[NDArray[Any]]) -> None:
        """Take note of the validation loss of these weights, at the end of an epoch."""
        if not self._patience:
            return
        if loss < float(self.best_loss):
            self.best_loss.assign(loss)
            self.waited.assign(0)
            for best, current in zip(self.best, weights, strict=True):
                best.assign(current)
        else:
            self.waited.assign_add(1)

    @property
    def has_stopped(self) -> bool:
        """Whether training ends."""
        return self._patience is not None and int(self.waited) >= self._patience

    @property
    def best_weights(self) -> list[NDArray[Any]] | None:
        """The weights with the smallest validation loss; None without patience or before the first epoch."""
        return [each.numpy() for each in self.best] if self.best and math.isfinite(float(self.best_loss)) else None
