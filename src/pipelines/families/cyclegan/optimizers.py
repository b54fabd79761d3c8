"""The optimizers of a training, with their learning rates."""

from typing import Any

import keras
import tensorflow as tf

from pipelines.families.cyclegan.generators import OUTPUT_LAYER
from pipelines.families.cyclegan.settings import TrainingSettings
from pipelines.training.on_tensorflow.hardware import Precision
from pipelines.training.on_tensorflow.muon import Muon

BETA_1, BETA_2 = 0.5, 0.999
"""Decays of Adam's moments, as in section 7.1 of the paper; a small first one suits adversarial training."""
CLIP_NORM = 1.0
"""Largest norm of the generators' gradient under Muon."""


class WarmupConstantDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Linear rise, constant, and linear fall to 0.

    Parameters
    ----------
    peak
        The constant learning rate.
    warmup, decay_start, end
        Steps at which it is reached, begins to fall, and is 0.
    """

    def __init__(self, peak: float, warmup: int, decay_start: int, end: int) -> None:
        super().__init__()
        self.peak, self.warmup, self.decay_start, self.end = peak, warmup, decay_start, end

    def __call__(self, step: Any) -> Any:
        step = tf.cast(step, tf.float32)
        rising = (step + 1) / self.warmup
        falling = (self.end - step) / max(1, self.end - self.decay_start)
        return self.peak * tf.clip_by_value(tf.minimum(rising, falling), 0.0, 1.0)


def make_optimizers(
    generator_weights: list[Any], discriminator_weights: list[Any], settings: TrainingSettings, precision: Precision
) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
    """Built optimizers of the generators and of the discriminators, with loss scaling for float16."""
    steps = settings.epochs * settings.steps
    start = int(settings.decay_start * steps)
    rate = WarmupConstantDecay(settings.generator_learning_rate, settings.warmup_steps, start, steps)
    generators = (
        Muon(rate, CLIP_NORM, output=OUTPUT_LAYER)
        if settings.optimizer == "muon"
        else keras.optimizers.Adam(rate, BETA_1, BETA_2)
    )
    late = max(0, settings.reconstruction_steps)  # the discriminators are trained in later steps only
    rate = WarmupConstantDecay(settings.discriminator_learning_rate, 1, max(0, start - late), max(1, steps - late))
    discriminators = keras.optimizers.Adam(rate, BETA_1, BETA_2)
    return _built(generators, generator_weights, precision), _built(discriminators, discriminator_weights, precision)


def _built(
    optimizer: keras.optimizers.Optimizer, weights: list[Any], precision: Precision
) -> keras.optimizers.Optimizer:
    if precision == "float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    optimizer.build(weights)  # creates its moments, so that the first checkpoint contains them
    return optimizer
