"""The training step of both generators and both discriminators, and the state that a checkpoint contains."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import tensorflow as tf
from tensorflow import Tensor

from pipelines.families.cyclegan.augmentation import augment
from pipelines.families.cyclegan.losses import absolute_difference, discriminator_loss, least_squares
from pipelines.families.cyclegan.pool import ImagePool
from pipelines.families.cyclegan.settings import TrainingSettings
from pipelines.training.losses import weighted_sum

GENERATORS, DISCRIMINATORS = 0, 1
"""First number of the seeds of a step: which networks are trained with these random numbers."""


class Perception(Protocol):
    """What is computed with the perceptual network."""

    def features(self, images: Tensor) -> Sequence[Tensor]:
        """Images (n, h, w, 3), 0..255 → what a discriminator reads beside the pixels."""

    def content_distance(self, images: Tensor, photos: Tensor) -> Tensor:
        """Mean content distance of images (n, h, w, 3), 0..255, from their photos."""


@dataclass(frozen=True)
class Networks:
    """The networks of a training. The averages are those of the generators' weights."""

    to_painting: keras.Model
    to_photo: keras.Model
    painting_discriminator: keras.Model
    photo_discriminator: keras.Model
    to_painting_average: keras.Model
    to_photo_average: keras.Model

    @property
    def generator_weights(self) -> list[Any]:
        return [*self.to_painting.trainable_variables, *self.to_photo.trainable_variables]

    @property
    def discriminator_weights(self) -> list[Any]:
        return [*self.painting_discriminator.trainable_variables, *self.photo_discriminator.trainable_variables]


class CycleTrainer(tf.Module):
    """CycleGAN's training step (Zhu et al. 2017, arXiv:1703.10593). Its random numbers depend on (seed, step) only.

    Parameters
    ----------
    networks
        Built in the scope of `strategy`. The averages get the weights of the generators.
    optimizers
        Of the generators, and of the discriminators; built.
    perception
        What is computed with the perceptual network.
    settings
        Losses and their weights.
    strategy
        How a batch is distributed over devices. Its size must be a multiple of the number of devices.
    """

    def __init__(
        self,
        networks: Networks,
        optimizers: tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer],
        perception: Perception,
        settings: TrainingSettings,
        strategy: tf.distribute.Strategy,
    ) -> None:
        super().__init__()
        self.networks, self._perception, self._settings, self._strategy = networks, perception, settings, strategy
        self.generator_optimizer, self.discriminator_optimizer = optimizers
        networks.to_painting_average.set_weights(networks.to_painting.get_weights())
        networks.to_photo_average.set_weights(networks.to_photo.get_weights())
        self.step_count = tf.Variable(0, dtype=tf.int64)
        self.content_factor = tf.Variable(1.0)
        self.pools = {name: ImagePool(settings.pool_size, settings.size) for name in ("paintings", "photos")}

    @property
    def state(self) -> dict[str, Any]:
        """Content of a checkpoint: name → network, optimizer, pool or variable."""
        return {
            "step": self.step_count,
            "content_factor": self.content_factor,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            **{f"pool_of_{name}": pool for name, pool in self.pools.items()},
            **vars(self.networks),
        }

    def step(self, photo: Tensor, painting: Tensor) -> dict[str, Tensor]:
        """Train on photos and paintings, float32 (n, size, size, 3), 0..255, each. Returns losses by name."""
        step = int(self.step_count)
        losses: dict[str, Tensor]
        if step < self._settings.reconstruction_steps:
            losses = self._run(self._reconstruct, photo, painting)[0]
        else:
            losses, fakes = self._run(self._train_generators, photo, painting)
            kept = [
                pool.exchange(images, (self._settings.seed, step, number))
                for number, (pool, images) in enumerate(zip(self.pools.values(), fakes, strict=True))
            ]
            losses |= self._run(self._train_discriminators, photo, painting, *kept)[0]
        constraint = self._settings.content_constraint
        if constraint and "content" in losses and step >= self._settings.steps * constraint.start_epoch:
            self.content_factor.assign(constraint.update(float(self.content_factor), float(losses["content"])))
        self._finish_step()
        return losses

    def _run(self, function: Callable[..., Any], *batches: Tensor) -> tuple[dict[str, Tensor], list[Tensor]]:
        """Run a function on every device with its part of the batches. Returns mean losses, and joined images."""
        devices = self._strategy.num_replicas_in_sync
        parts = [tf.split(batch, devices) for batch in batches]
        distribute = self._strategy.experimental_distribute_values_from_function
        distributed = [distribute(lambda context, part=part: part[context.replica_id_in_sync_group]) for part in parts]
        losses, images = function(*distributed)
        local = self._strategy.experimental_local_results
        means = {name: tf.reduce_mean(tf.stack(local(loss))) for name, loss in losses.items()}
        return means, [tf.concat(local(each), 0) for each in images]

    @tf.function(autograph=False)
    def _reconstruct(self, *batches: Any) -> Any:
        return self._strategy.run(self._reconstruction_step, batches)

    @tf.function(autograph=False)
    def _train_generators(self, *batches: Any) -> Any:
        return self._strategy.run(self._generator_step, batches)

    @tf.function(autograph=False)
    def _train_discriminators(self, *batches: Any) -> Any:
        return self._strategy.run(self._discriminator_step, batches)

    def _reconstruction_step(self, photo: Tensor, painting: Tensor) -> tuple[dict[str, Tensor], list[Tensor]]:
        networks = self.networks
        with tf.GradientTape() as tape:
            photo_loss = absolute_difference(networks.to_painting(photo), photo)
            painting_loss = absolute_difference(networks.to_photo(painting), painting)
            total = self._scaled(photo_loss + painting_loss, self.generator_optimizer)
        _minimize(tape, total, networks.generator_weights, self.generator_optimizer)
        return {"reconstruction": (photo_loss + painting_loss) / 2}, []

    def _generator_step(self, photo: Tensor, painting: Tensor) -> tuple[dict[str, Tensor], list[Tensor]]:
        networks = self.networks
        seeds = self._seeds(GENERATORS)
        with tf.GradientTape() as tape:
            fake_painting, fake_photo = networks.to_painting(photo), networks.to_photo(painting)
            losses = {
                "adversarial": least_squares(self._scores(networks.painting_discriminator, fake_painting, seeds[0]), 1)
                + least_squares(self._scores(networks.photo_discriminator, fake_photo, seeds[1]), 1),
                "cycle": absolute_difference(networks.to_photo(self._noisy(fake_painting, seeds[2])), photo)
                + absolute_difference(networks.to_painting(self._noisy(fake_photo, seeds[3])), painting),
            }
            if self._settings.losses.content:
                losses["content"] = self._perception.content_distance(fake_painting, photo)
            if self._settings.losses.identity:
                losses["identity"] = absolute_difference(networks.to_painting(painting), painting) + (
                    absolute_difference(networks.to_photo(photo), photo)
                )
            total = self._scaled(weighted_sum(losses, self._weights()), self.generator_optimizer)
        _minimize(tape, total, networks.generator_weights, self.generator_optimizer)
        return losses, [fake_painting, fake_photo]

    def _discriminator_step(
        self, photo: Tensor, painting: Tensor, fake_painting: Tensor, fake_photo: Tensor
    ) -> tuple[dict[str, Tensor], list[Tensor]]:
        networks = self.networks
        seeds = self._seeds(DISCRIMINATORS)
        with tf.GradientTape() as tape:
            losses = {
                "discriminator_of_paintings": discriminator_loss(
                    self._scores(networks.painting_discriminator, painting, seeds[0]),
                    self._scores(networks.painting_discriminator, fake_painting, seeds[1]),
                ),
                "discriminator_of_photos": discriminator_loss(
                    self._scores(networks.photo_discriminator, photo, seeds[2]),
                    self._scores(networks.photo_discriminator, fake_photo, seeds[3]),
                ),
            }
            total = self._scaled(tf.add_n(list(losses.values())), self.discriminator_optimizer)
        _minimize(tape, total, networks.discriminator_weights, self.discriminator_optimizer)
        return losses, []

    def _scores(self, discriminator: keras.Model, images: Tensor, seed: Tensor) -> list[Tensor]:
        augmented = augment(images, self._settings.discriminator_augmentation, seed)
        # Keras returns the only output of a network without its list.
        scores: list[Tensor] = keras.tree.flatten(discriminator([augmented, *self._perception.features(augmented)]))
        return scores

    def _noisy(self, images: Tensor, seed: Tensor) -> Tensor:
        return images + self._settings.cycle_noise * tf.random.stateless_normal(tf.shape(images), seed)

    def _weights(self) -> dict[str, Any]:
        """Loss name → weight in this step."""
        losses = self._settings.losses
        steps = self._settings.epochs * self._settings.steps
        progress = tf.cast(self.step_count, tf.float32) / steps
        cycle = losses.cycle + progress * (losses.final_cycle - losses.cycle)
        return {
            "adversarial": losses.adversarial,
            "cycle": cycle,
            "content": self.content_factor * losses.content,
            "identity": losses.identity,
        }

    def _seeds(self, purpose: int) -> list[Tensor]:
        """Four seeds, which depend on seed, step, purpose and device."""
        device = tf.distribute.get_replica_context().replica_id_in_sync_group
        first = tf.stack([tf.cast(self._settings.seed, tf.int64), 2 * self.step_count + purpose])
        seeds: list[Tensor] = tf.unstack(tf.random.split(tf.random.fold_in(first, tf.cast(device, tf.int64)), 4), num=4)
        return seeds

    def _scaled(self, loss: Tensor, optimizer: keras.optimizers.Optimizer) -> Tensor:
        """The loss to differentiate. Gradients are added over devices, and float16 needs a factor."""
        return optimizer.scale_loss(loss / self._strategy.num_replicas_in_sync)

    @tf.function(autograph=False)
    def _finish_step(self) -> None:
        """Update the moving averages. The decay is smaller in the first steps, to forget the initial weights soon."""
        steps = tf.cast(self.step_count, tf.float32)
        decay = tf.minimum(self._settings.average_decay, (1 + steps) / (10 + steps))
        networks = self.networks
        pairs = ((networks.to_painting_average, networks.to_painting), (networks.to_photo_average, networks.to_photo))
        for averaged, trained in pairs:
            for average, current in zip(averaged.variables, trained.variables, strict=True):
                average.assign(current + decay * (average - current))
        self.step_count.assign_add(1)


def _minimize(tape: tf.GradientTape, total: Tensor, weights: list[Any], optimizer: keras.optimizers.Optimizer) -> None:
    optimizer.apply(tape.gradient(total, weights), weights)
