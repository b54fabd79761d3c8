"""The training step, and the state that a checkpoint contains."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow import Tensor

from pipelines.families.fast_style.model import OUTPUT_LAYER
from pipelines.training.losses import weighted_sum
from pipelines.training.on_tensorflow import tensor_ops
from pipelines.training.on_tensorflow.muon import Muon
from pipelines.training.on_tensorflow.perceptual import FeatureExtractor
from pipelines.training.style_transfer import MAX_SHIFT, StyleTrainingSettings, style_losses


class StyleTrainer(tf.Module):
    """The network, its optimizer, and the number of steps. The random numbers of a step depend on (seed, step) only.

    Parameters
    ----------
    network
        Network of `model.build_network`.
    extractor
        The loss network.
    paintings
        uint8 (height, width, 3) each, all of one size, in the order of the styles.
    settings
        Parameters of optimizer, losses and content constraint.
    """

    def __init__(
        self,
        network: keras.Model,
        extractor: FeatureExtractor,
        paintings: Sequence[NDArray[np.uint8]],
        settings: StyleTrainingSettings,
    ) -> None:
        super().__init__()
        self.network, self.styles = network, len(paintings)
        self.step_count = tf.Variable(0, dtype=tf.int64)
        self.content_factor = tf.Variable(1.0)
        self.optimizer = _muon(network, settings)
        self._extractor, self._settings = extractor, settings
        self._grams = _grams(extractor, paintings)

    @property
    def state(self) -> dict[str, Any]:
        """Content of a checkpoint: name → network, optimizer or variable."""
        return {
            "step": self.step_count,
            "network": self.network,
            "optimizer": self.optimizer,
            "content_factor": self.content_factor,
        }

    def step(self, photo: Tensor, style: Tensor) -> dict[str, Tensor]:
        """Train on photos float32 (n, size, size, 3), 0..255, and their styles, int64 (n,). Returns losses by name."""
        losses: dict[str, Tensor] = self._step(photo, style)
        constraint = self._settings.content_constraint
        if constraint and int(self.step_count) > self._settings.steps * constraint.start_epoch:
            self.content_factor.assign(constraint.update(float(self.content_factor), float(losses["content"])))
        return losses

    @tf.function(autograph=False)
    def _step(self, photo: Tensor, style: Tensor) -> dict[str, Tensor]:
        seed = (self._settings.seed, self.step_count)
        offset = tf.random.stateless_uniform((2,), seed, maxval=2 * MAX_SHIFT, dtype=tf.int32)
        with tf.GradientTape() as tape:
            losses = self._losses(photo, style, offset)[1]
            scaled = {**losses, "content": self.content_factor * losses["content"]}
            total = weighted_sum(scaled, self._settings.losses.model_dump())
        weights = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(total, weights), weights)
        self.step_count.assign_add(1)
        return {**losses, "loss": total}

    @tf.function(autograph=False)
    def measure(self, photo: Tensor, style: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Stylized photos (n, size, size, 3), 0..255, and their losses by name. The network is not changed."""
        return self._losses(photo, style, None)

    def _losses(self, photo: Tensor, style: Tensor, offset: Tensor | None) -> tuple[Tensor, dict[str, Tensor]]:
        image = self.network([photo, tf.one_hot(style, self.styles)])
        features, photo_features = (
            self._extractor(images if offset is None else tensor_ops.shifted(images, offset))
            for images in (image, photo)
        )
        grams = {layer: tf.gather(style_grams, style) for layer, style_grams in self._grams.items()}
        return image, style_losses(image, features, photo_features, grams, self._extractor.architecture, tensor_ops)


def _grams(extractor: FeatureExtractor, paintings: Sequence[NDArray[np.uint8]]) -> dict[str, NDArray[np.float32]]:
    """Style layer → Gram matrices (styles, channels, channels)."""
    features = [extractor(tf.constant(painting[None], tf.float32)) for painting in paintings]
    return {
        layer: np.concatenate([tensor_ops.gram(by_layer[layer]).numpy() for by_layer in features])
        for layer in extractor.architecture.style_layers
    }


def _muon(network: keras.Model, settings: StyleTrainingSettings) -> keras.optimizers.Optimizer:
    """Muon with linear warmup and cosine decay of the learning rate."""
    schedule = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / settings.warmup_steps,
        decay_steps=max(1, settings.epochs * settings.steps - settings.warmup_steps),
        alpha=settings.final_learning_rate_fraction,
        warmup_target=settings.learning_rate,
        warmup_steps=settings.warmup_steps,
    )
    optimizer = Muon(schedule, settings.clip_norm, output=OUTPUT_LAYER)
    optimizer.build(network.trainable_variables)  # creates its moments, so that the first checkpoint contains them
    return optimizer
