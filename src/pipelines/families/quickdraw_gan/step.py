"""One training step of both networks, compiled, and everything that a checkpoint must hold to repeat it."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
from tensorflow import Tensor

from pipelines.families.quickdraw_gan import losses
from pipelines.families.quickdraw_gan.settings import TrainingSettings
from pipelines.training.losses import weighted_sum

PENALTY_EVERY = 8
"""Steps from one gradient penalty to the next; it is weighted by as much (lazy regularisation, Karras et al., 2019)."""


class GanTrainer(tf.Module):
    """Generator and discriminator, their optimizers, the moving average of the generator, and the number of steps.

    Noise is drawn from (seed, step) alone, so the number of steps is the whole random state: training that resumes from
    a checkpoint gets the same noise as training that was never stopped.

    Parameters
    ----------
    generator, average
        Two networks of `model.build_generator`; `average` starts with the weights of the first.
    discriminator
        Of `model.build_discriminator`.
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
        """What a checkpoint holds."""
        return {
            "step": self.step_count,
            "generator": self.generator,
            "average": self.average,
            "discriminator": self.discriminator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def step(self, image: Tensor, label: Tensor) -> dict[str, Tensor]:
        """One step of both networks on uint8 (n, 28, 28) drawings and their labels, int64 (n,); losses by name."""
        penalized = int(self.step_count) % PENALTY_EVERY == 0
        losses: dict[str, Tensor] = self._step(image, label, penalized)
        return losses

    @tf.function(autograph=False)
    def _step(self, image: Tensor, label: Tensor, penalized: bool) -> dict[str, Tensor]:
        named = self._train_discriminator(scaled(image), label, penalized)
        named |= self._train_generator(label)
        self._update_average()
        self.step_count.assign_add(1)
        return named

    def _train_discriminator(self, image: Tensor, label: Tensor, penalized: bool) -> dict[str, Tensor]:
        fake = self.generator([self._draw_noise(label, 0), label], training=True)
        with tf.GradientTape() as tape:
            # Both in one pass: half the calls, and no layer of this network mixes the items of a batch.
            realness, names = self.discriminator([tf.concat([image, fake], 0), tf.concat([label, label], 0)])
            real, unreal = tf.split(realness, 2)
            named = losses.discriminator_losses(real, unreal, tf.split(names, 2)[0], label)
            if penalized:
                named["gradient_penalty"] = PENALTY_EVERY * losses.gradient_penalty(self._gradient(image, label))
            total = weighted_sum(named, self._settings.discriminator_losses.model_dump())
        _minimize(tape, total, self.discriminator, self.discriminator_optimizer)
        right = tf.concat([real > 0, unreal < 0], 0)
        return _prefixed("discriminator", {**named, "accuracy": tf.reduce_mean(tf.cast(right, tf.float32))})

    def _gradient(self, image: Tensor, label: Tensor) -> Tensor:
        """Gradient of the discriminator's logit of each drawing with respect to its pixels."""
        with tf.GradientTape() as tape:
            tape.watch(image)
            realness = tf.reduce_sum(self.discriminator([image, label])[0])
        return tape.gradient(realness, image)

    def _train_generator(self, label: Tensor) -> dict[str, Tensor]:
        with tf.GradientTape() as tape:
            fake = self.generator([self._draw_noise(label, 1), label], training=True)
            realness, names = self.discriminator([fake, label])
            named = losses.generator_losses(realness, names, label)
            total = weighted_sum(named, self._settings.generator_losses.model_dump())
        _minimize(tape, total, self.generator, self.generator_optimizer)
        return _prefixed("generator", named)

    def _draw_noise(self, label: Tensor, player: int) -> Tensor:
        seed = tf.stack([tf.cast(self._settings.seed, tf.int64), 2 * self.step_count + player])
        return tf.random.stateless_normal((tf.shape(label)[0], self._noise), seed)

    def _update_average(self) -> None:
        """Move the average towards the generator; the decay is smaller in the first steps, which are soon forgotten."""
        age = tf.cast(self.step_count, tf.float32)
        decay = tf.minimum(self._settings.average_decay, (1 + age) / (10 + age))
        for slow, fast in zip(self.average.variables, self.generator.variables, strict=True):
            slow.assign(fast + decay * (slow - fast))


def scaled(image: Tensor) -> Tensor:
    """Uint8 (n, 28, 28) in 0..255 → float32 (n, 28, 28, 1) in -1..1, the range of tanh."""
    return tf.cast(image, tf.float32)[..., None] / 127.5 - 1


def _adam(network: keras.Model, learning_rate: float, settings: TrainingSettings) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.Adam(learning_rate, settings.beta_1, settings.beta_2)
    optimizer.build(network.trainable_variables)  # its moments exist from the first checkpoint on
    return optimizer


def _minimize(
    tape: tf.GradientTape, total: Tensor, network: keras.Model, optimizer: keras.optimizers.Optimizer
) -> None:
    weights = network.trainable_variables
    optimizer.apply(tape.gradient(total, weights), weights)


def _prefixed(player: str, named: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{player}_{name}": value for name, value in named.items()}
