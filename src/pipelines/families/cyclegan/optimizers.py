"""The optimizers of a training, with their learning rates."""

from typing import Any

import keras
import tensorflow as tf

from pipelines.families.cyclegan.generators import OUTPUT_LAYER
from pipelines.families.cyclegan.settings import TrainingSettings
from pipelines.families.cyclegan.step import Networks
from pipelines.training.on_tensorflow.hardware import Precision
from pipelines.training.on_tensorflow.muon import Muon

BETA_1, BETA_2 = 0.5, 0.999
"""Decays of Adam's moments, as in section 7.1 of the paper; a small first one suits adversarial training."""
CLIP_NORM = 1.0
"""Largest norm of the generators' gradient under Muon."""
LOSS_SCALE = 1024.0
"""Factor on the losses before differentiation in float16, which would round small gradients to 0."""


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
    networks: Networks, settings: TrainingSettings, precision: Precision
) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
    """Built optimizers of the generators and of the discriminators. The latter are not trained in the first steps."""
    scale = LOSS_SCALE if precision == "float16" else None
    generators = _generator_optimizer(_learning_rate(settings.generator_learning_rate, settings, 0), settings, scale)
    rate = _learning_rate(settings.discriminator_learning_rate, settings, settings.reconstruction_steps)
    discriminators = keras.optimizers.Adam(rate, BETA_1, BETA_2, loss_scale_factor=scale)
    generators.build(networks.generator_weights)  # creates its moments, so that the first checkpoint contains them
    discriminators.build(networks.discriminator_weights)
    return generators, discriminators


def _generator_optimizer(
    rate: WarmupConstantDecay, settings: TrainingSettings, scale: float | None
) -> keras.optimizers.Optimizer:
    if settings.optimizer == "muon":
        return Muon(rate, CLIP_NORM, output=OUTPUT_LAYER, loss_scale_factor=scale)
    return keras.optimizers.Adam(rate, BETA_1, BETA_2, loss_scale_factor=scale)


def _learning_rate(peak: float, settings: TrainingSettings, skipped: int) -> WarmupConstantDecay:
    """The schedule of an optimizer that does not take part in the first steps."""
    steps = settings.epochs * settings.steps
    start, end = int(settings.decay_start * steps) - skipped, steps - skipped
    return WarmupConstantDecay(peak, settings.warmup_steps, max(0, start), max(1, end))
