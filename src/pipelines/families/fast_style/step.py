"""One training step, compiled, and everything that a checkpoint must hold to repeat it."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow import Tensor

from pipelines.families.fast_style.losses import style_losses
from pipelines.families.fast_style.model import LAST
from pipelines.families.fast_style.settings import TrainingSettings
from pipelines.training.losses import weighted_sum
from pipelines.training.on_tensorflow.muon import Muon
from pipelines.training.on_tensorflow.perceptual import Taps, gram
from pipelines.training.style_transfer import FARTHEST_SHIFT


class Painter(tf.Module):
    """The network, its optimiser, and how far they are; photos, crops and styles of a step are drawn from its number.

    Parameters
    ----------
    network
        Of `model.build_network`.
    taps
        What the losses look through.
    paintings
        uint8 (height, width, 3) each, in the order of the styles; all of one size.
    recipe
        Of losses and optimiser.
    """

    def __init__(
        self,
        network: keras.Model,
        taps: Taps,
        paintings: Sequence[NDArray[np.uint8]],
        recipe: TrainingSettings,
    ) -> None:
        super().__init__()
        self.network, self.styles = network, len(paintings)
        self.step = tf.Variable(0, dtype=tf.int64)
        self.content_factor = tf.Variable(1.0)
        self.optimizer = _muon(network, recipe)
        self._taps, self._weights, self._seed = taps, recipe.losses.model_dump(), recipe.seed
        self._hold, self._held_from = recipe.hold, recipe.steps * recipe.hold.after if recipe.hold else 0
        self._grams = _grams(self._taps, paintings)

    @property
    def parts(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            "step": self.step,
            "network": self.network,
            "optimizer": self.optimizer,
            "content_factor": self.content_factor,
        }

    def train(self, photo: Tensor, style: Tensor) -> dict[str, Tensor]:
        """One step on float32 (n, size, size, 3) photos, 0..255, and a style for each, int64 (n,); named losses."""
        named: dict[str, Tensor] = self._train(photo, style)
        if self._hold and int(self.step) > self._held_from:
            self.content_factor.assign(self._hold.follow(float(self.content_factor), float(named["content"])))
        return named

    @tf.function(autograph=False)
    def _train(self, photo: Tensor, style: Tensor) -> dict[str, Tensor]:
        offset = tf.random.stateless_uniform((2,), (self._seed, self.step), maxval=2 * FARTHEST_SHIFT, dtype=tf.int32)
        with tf.GradientTape() as tape:
            named = self._losses(photo, style, offset)[1]
            factors = {"content": self.content_factor}
            total = weighted_sum({name: factors.get(name, 1.0) * loss for name, loss in named.items()}, self._weights)
        weights = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(total, weights), weights)
        self.step.assign_add(1)
        return {**named, "loss": total}

    @tf.function(autograph=False)
    def measure(self, photo: Tensor, style: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Pictures (n, size, size, 3), 0..255, and their losses by name, without learning from them."""
        return self._losses(photo, style, None)

    def _losses(self, photo: Tensor, style: Tensor, offset: Tensor | None) -> tuple[Tensor, dict[str, Tensor]]:
        picture = self.network([photo, tf.one_hot(style, self.styles)])
        seen, wanted = (self._taps(image if offset is None else moved(image, offset)) for image in (picture, photo))
        grams = {tap: tf.gather(each, style) for tap, each in self._grams.items()}
        return picture, style_losses(self._taps.architecture, picture, seen, wanted, grams)


def moved(images: Tensor, offset: Tensor) -> Tensor:
    """Images (n, h, w, c) moved up and left by `offset` - `FARTHEST_SHIFT` pixels, mirrored at the border."""
    size, margin = tf.shape(images), (FARTHEST_SHIFT, FARTHEST_SHIFT)
    padded = tf.pad(images, ((0, 0), margin, margin, (0, 0)), "REFLECT")
    return tf.slice(padded, (0, offset[0], offset[1], 0), size)


def _grams(taps: Taps, paintings: Sequence[NDArray[np.uint8]]) -> dict[str, NDArray[np.float32]]:
    """Tap of the style → (styles, channels, channels)."""
    seen = [taps(tf.constant(painting[None], tf.float32)) for painting in paintings]
    return {
        tap: np.concatenate([gram(features[tap]).numpy() for features in seen])
        for tap in taps.architecture.style_layers
    }


def _muon(network: keras.Model, recipe: TrainingSettings) -> keras.optimizers.Optimizer:
    """Muon, its learning rate raised over the first steps, then lowered along half a cosine."""
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / recipe.warmup_steps,
        decay_steps=max(1, recipe.epochs * recipe.steps - recipe.warmup_steps),
        alpha=recipe.last_rate,
        warmup_target=recipe.learning_rate,
        warmup_steps=recipe.warmup_steps,
    )
    optimizer = Muon(rate, recipe.clip_norm, output=LAST)
    optimizer.build(network.trainable_variables)  # its moments exist from the first checkpoint on
    return optimizer
