"""The training step of both networks, and the state that a checkpoint contains."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
from tensorflow import Tensor

from pipelines.families.quickdraw_gan.losses import discriminator_losses, generator_losses, gradient_penalty
from pipelines.families.quickdraw_gan.settings import TrainingSettings
from pipelines.training.losses import weighted_sum

PENALTY_EVERY = 8
"""The gradient penalty is computed once in this many steps and multiplied by this number (Karras et al., 2019)."""


class GanTrainer(tf.Module):
    """Generator and discriminator, their optimizers, the moving average of the generator, and the number of steps.

    The noise depends on (seed, step) only. Training that resumes from a checkpoint therefore uses the same noise as
    training that was never stopped.

    Parameters
    ----------
    generator, average
        Two networks of `model.build_generator`. `average` gets the initial weights of `generator`.
    discriminator
        Network of `model.build_discriminator`.
    noise
        Size of the latent vector.
    settings
        Learning rates, losses and their weights.
    """

    def __init__(
        self,
        generator: keras.Model,
        average: keras.Model,
        discriminator: keras.Model,
        noise: int,
        settings: TrainingSettings,
    ) -> None:
        super().__init__()
        self.generator, self.average, self.discriminator = generator, average, discriminator
        self.average.set_weights(generator.get_weights())
        self.step_count = tf.Variable(0, dtype=tf.int64)
        self.generator_optimizer = _adam(generator, settings.generator_learning_rate, settings)
        self.discriminator_optimizer = _adam(discriminator, settings.discriminator_learning_rate, settings)
        self._noise, self._settings = noise, settings

    @property
    def state(self) -> dict[str, Any]:
        """Content of a checkpoint: name → network, optimizer or variable."""
        return {
            "step": self.step_count,
            "generator": self.generator,
            "average": self.average,
            "discriminator": self.discriminator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def step(self, image: Tensor, label: Tensor) -> dict[str, Tensor]:
        """Train on one batch: drawings uint8 (n, 28, 28) and labels int64 (n,). Returns losses by name."""
        penalized = int(self.step_count) % PENALTY_EVERY == 0
        losses: dict[str, Tensor] = self._step(image, label, penalized)
        return losses

    @tf.function(autograph=False)
    def _step(self, image: Tensor, label: Tensor, penalized: bool) -> dict[str, Tensor]:
        losses = self._train_discriminator(scaled(image), label, penalized)
        losses |= self._train_generator(label)
        self._update_average()
        self.step_count.assign_add(1)
        return losses

    def _train_discriminator(self, image: Tensor, label: Tensor, penalized: bool) -> dict[str, Tensor]:
        fake = self.generator([self._draw_noise(label, 0), label], training=True)
        with tf.GradientTape() as tape:
            # Real and generated drawings in one batch: no layer of the discriminator mixes the items of a batch.
            logits, label_logits = self.discriminator([tf.concat([image, fake], 0), tf.concat([label, label], 0)])
            real_logits, fake_logits = tf.split(logits, 2)
            losses = discriminator_losses(real_logits, fake_logits, tf.split(label_logits, 2)[0], label)
            if penalized:
                losses["gradient_penalty"] = PENALTY_EVERY * gradient_penalty(self._gradient(image, label))
            total = weighted_sum(losses, self._settings.discriminator_losses.model_dump())
        _minimize(tape, total, self.discriminator, self.discriminator_optimizer)
        correct = tf.concat([real_logits > 0, fake_logits < 0], 0)
        return _with_prefix("discriminator", {**losses, "accuracy": tf.reduce_mean(tf.cast(correct, tf.float32))})

    def _gradient(self, image: Tensor, label: Tensor) -> Tensor:
        """Gradient of the discriminator's logit of each drawing with respect to its pixels."""
        with tf.GradientTape() as tape:
            tape.watch(image)
            logit = tf.reduce_sum(self.discriminator([image, label])[0])
        return tape.gradient(logit, image)

    def _train_generator(self, label: Tensor) -> dict[str, Tensor]:
        with tf.GradientTape() as tape:
            fake = self.generator([self._draw_noise(label, 1), label], training=True)
            logits, label_logits = self.discriminator([fake, label])
            losses = generator_losses(logits, label_logits, label)
            total = weighted_sum(losses, self._settings.generator_losses.model_dump())
        _minimize(tape, total, self.generator, self.generator_optimizer)
        return _with_prefix("generator", losses)

    def _draw_noise(self, label: Tensor, stream: int) -> Tensor:
        """Noise (n, noise) for n labels. `stream` is 0 or 1: the two draws of a step must differ."""
        seed = tf.stack([tf.cast(self._settings.seed, tf.int64), 2 * self.step_count + stream])
        return tf.random.stateless_normal((tf.shape(label)[0], self._noise), seed)

    def _update_average(self) -> None:
        """Update the moving average. The decay is smaller in the first steps, to forget the initial weights soon."""
        steps = tf.cast(self.step_count, tf.float32)
        decay = tf.minimum(self._settings.average_decay, (1 + steps) / (10 + steps))
        for average, current in zip(self.average.variables, self.generator.variables, strict=True):
            average.assign(current + decay * (average - current))


def scaled(image: Tensor) -> Tensor:
    """uint8 (n, 28, 28) in 0..255 → float32 (n, 28, 28, 1) in -1..1, the range of tanh."""
    return tf.cast(image, tf.float32)[..., None] / 127.5 - 1


def _adam(network: keras.Model, learning_rate: float, settings: TrainingSettings) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.Adam(learning_rate, settings.beta_1, settings.beta_2)
    optimizer.build(network.trainable_variables)  # creates its moments, so that the first checkpoint contains them
    return optimizer


def _minimize(
    tape: tf.GradientTape, total: Tensor, network: keras.Model, optimizer: keras.optimizers.Optimizer
) -> None:
    weights = network.trainable_variables
    optimizer.apply(tape.gradient(total, weights), weights)


def _with_prefix(prefix: str, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}_{name}": loss for name, loss in losses.items()}
