"""The training step, and the state that a checkpoint contains."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow import Tensor

from pipelines.families.photo_classifier.augmentation import augment, mixup
from pipelines.families.photo_classifier.early_stopping import EarlyStopping
from pipelines.families.photo_classifier.losses import classification_losses
from pipelines.families.photo_classifier.model import CLASSIFIER
from pipelines.families.photo_classifier.settings import TrainingSettings
from pipelines.training.losses import weighted_sum


class PhotoTrainer(tf.Module):
    """The network, the moving average of its weights, and its optimizers. Random numbers depend on (seed, step) only.

    Parameters
    ----------
    network, average
        Two equal networks of `model.build_network`.
    class_weights
        Weight of the items of each class in the loss.
    steps
        Number of steps of the whole training.
    settings
        Parameters of augmentation, losses, optimizers and schedule.
    """

    def __init__(
        self,
        network: keras.Model,
        average: keras.Model,
        class_weights: Sequence[float],
        steps: int,
        settings: TrainingSettings,
    ) -> None:
        super().__init__()
        self.network, self.average = network, average
        average.set_weights(network.get_weights())
        self.initial = network.get_weights()
        self.stopping = EarlyStopping(self.initial, settings.patience)
        self.step_count = tf.Variable(0, dtype=tf.int64)
        self._class_weights = tf.constant(class_weights, tf.float32)
        self._settings, self._size = settings, network.input_shape[1]
        self._head = network.get_layer(CLASSIFIER)
        head = {variable.path for variable in self._head.trainable_variables}
        self._groups = [
            [variable for variable in network.trainable_variables if (variable.path in head) == wanted]
            for wanted in (True, False)
        ]
        rates = (settings.head_learning_rate, settings.learning_rate)
        self.optimizers = [
            _adamw(variables, rate, steps, settings)
            for variables, rate in zip(self._groups, rates, strict=True)
            if variables
        ]

    @property
    def state(self) -> dict[str, Any]:
        """Content of a checkpoint: name → network, optimizer or variable."""
        optimizers = {f"optimizer_{number}": optimizer for number, optimizer in enumerate(self.optimizers)}
        networks = {"network": self.network, "average": self.average}
        return {"step": self.step_count, "stopping": self.stopping, **networks, **optimizers}

    def exported_weights(self) -> list[Any]:
        """Those with the smallest validation loss where training stops early, else those of the last step."""
        return self.stopping.best_weights or self.current_weights()

    def current_weights(self) -> list[Any]:
        """The averaged weights, interpolated with those before the training."""
        share = self._settings.interpolation
        return [
            start + share * (end - start) for start, end in zip(self.initial, self.average.get_weights(), strict=True)
        ]

    def augmented(self, photos: Tensor, step: int) -> Tensor:
        """Photos as the step with this number sees them, before mixup."""
        return augment(photos, self._size, self._settings.augmentation, self._seed(tf.constant(step, tf.int64), 0))

    @tf.function(autograph=False)
    def step(self, photos: Tensor, labels: Tensor, weight: Tensor) -> dict[str, Tensor]:
        """Train on one batch, and return its losses by name.

        Parameters
        ----------
        photos, labels
            uint8 (n, height, width, 3) and int64 (n,).
        weight
            Of mixup, float32, 0.5 to 1.
        """
        settings = self._settings
        targets = tf.one_hot(labels, len(self._class_weights))
        images = augment(photos, self._size, settings.augmentation, self._seed(self.step_count, 0))
        if settings.augmentation.mixup:
            images, targets = mixup(images, targets, weight, self._seed(self.step_count, 1))
        with tf.GradientTape() as tape:
            features = self._dropped(self.network(images, training=True)["features"])
            losses = classification_losses(self._head(features), targets, self._class_weights, settings.label_smoothing)
            total = weighted_sum(losses, settings.losses.model_dump())
        gradients = tape.gradient(total, self._groups)
        for optimizer, found, variables in zip(self.optimizers, gradients, self._groups, strict=False):
            optimizer.apply(found, variables)
        self._update_average()
        self.step_count.assign_add(1)
        return {**losses, "loss": total}

    def _dropped(self, features: Tensor) -> Tensor:
        rate = self._settings.dropout
        kept = tf.random.stateless_uniform(tf.shape(features), self._seed(self.step_count, 2)) >= rate
        return tf.where(kept, features / (1 - rate), 0.0)

    def _seed(self, step: Tensor, stream: int) -> Tensor:
        """The seed of one of the three streams of random numbers of a step."""
        return tf.stack([tf.cast(self._settings.seed, tf.int64), 3 * step + stream])

    def _update_average(self) -> None:
        """Update the moving average. The decay is smaller in the first steps, to forget the initial weights soon."""
        steps = tf.cast(self.step_count, tf.float32)
        decay = tf.minimum(self._settings.average_decay, (1 + steps) / (10 + steps))
        for average, current in zip(self.average.variables, self.network.variables, strict=True):
            average.assign(current + decay * (average - current))


def _adamw(
    variables: list[Any], learning_rate: float, steps: int, settings: TrainingSettings
) -> keras.optimizers.Optimizer:
    """AdamW with linear warmup and cosine decay of the learning rate."""
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / (settings.warmup_steps + 1),
        decay_steps=max(1, steps - settings.warmup_steps),
        alpha=settings.final_learning_rate_fraction,
        warmup_target=learning_rate if settings.warmup_steps else None,
        warmup_steps=settings.warmup_steps,
    )
    optimizer = keras.optimizers.AdamW(schedule, settings.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    optimizer.build(variables)  # creates its moments, so that the first checkpoint contains them
    return optimizer


def class_weights(counts: Sequence[int], balanced: bool) -> list[float]:
    """Weight of the items of each class: all 1, or inversely proportional to their number, with mean 1 over items."""
    numbers = np.array(counts, np.float64)
    if not balanced:
        return [1.0] * len(numbers)
    return list(numbers.sum() / np.count_nonzero(numbers) / np.maximum(numbers, 1))
