"""Training from prepared drawings to a final checkpoint. A killed training is resumed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from atelier.data.prepared.dataset import Manifest
from atelier.data.prepared.sampling import epoch_order
from pipelines.families.quickdraw_gan.model import build_discriminator, build_generator
from pipelines.families.quickdraw_gan.progress import Progress
from pipelines.families.quickdraw_gan.settings import GanInputs, GanSettings
from pipelines.families.quickdraw_gan.step import GanTrainer
from pipelines.lifecycle.contracts import MetricLog, fingerprint
from pipelines.training.on_tensorflow.hardware import set_up
from pipelines.training.on_tensorflow.trainer import fit

PERFECT_DISCRIMINATOR = 0.999
"""Accuracy of the discriminator above which the gradients of the generator vanish."""
ADVICE = "Lower training.generator_learning_rate and training.discriminator_learning_rate."


def train(inputs: GanInputs, settings: GanSettings, log: MetricLog, folder: Path) -> None:
    """Train and leave the final checkpoint in `folder`, see `pipelines.training.on_tensorflow.trainer.fit`."""
    set_up(settings.hardware)
    training, options = GanTraining(inputs, settings), settings.training
    fit(training, options.epochs, options.sheet_every, fingerprint(inputs, settings), log, folder, ADVICE)


class GanTraining:
    """The training of both networks for `fit`: see `pipelines.training.on_tensorflow.trainer.Training`."""

    def __init__(self, inputs: GanInputs, settings: GanSettings) -> None:
        self._split = inputs.quickdraw.split("train")
        self._settings = settings.training
        self._trainer = new_trainer(inputs.quickdraw.manifest, settings)
        self._progress = Progress(inputs.quickdraw, settings.model.noise, settings.training.seed)
        self._perfect_epochs = 0
        items = len(self._split["label"])
        self.batch_size = min(self._settings.batch_size, items)
        self.steps = max(1, (self._settings.epoch_items or items) // self.batch_size)
        self.state = self._trainer.state
        self.step = self._trainer.step

    def batches(self, epoch: int) -> Iterator[tuple[Any, ...]]:
        """Drawings uint8 (n, 28, 28) and labels int64 (n,). Their order depends on the seed and the epoch."""
        items, count = len(self._split["label"]), self.steps * self.batch_size
        order = epoch_order(items, self._settings.seed, epoch - 1, count).reshape(self.steps, self.batch_size)
        for index in order:
            label = self._split["label"][index].astype(np.int64)
            yield tf.constant(self._split["image"][index]), tf.constant(label)

    def validate(self) -> dict[str, float]:
        """Distance of samples to validation drawings, see `Progress.distance`."""
        return {"val_distance": self._progress.distance(self._trainer.average)}

    def sheets(self, epoch: int) -> dict[str, bytes]:
        """A sheet of samples, from the same noise in every epoch."""
        return {"samples": self._progress.sheet(self._trainer.average, epoch)}

    def problem(self, metrics: Mapping[str, float], last: bool) -> str | None:
        """A discriminator that made no mistakes in the last `patience` epochs, or in the last epoch of the training."""
        perfect = not self.is_worth_keeping(metrics)
        self._perfect_epochs = self._perfect_epochs + 1 if perfect else 0
        if self._perfect_epochs < (1 if last else self._settings.patience):
            return None
        return (
            "the discriminator makes no mistakes, so the generator learns nothing. Lower "
            "training.discriminator_learning_rate, or raise training.discriminator_losses.gradient_penalty."
        )

    def is_worth_keeping(self, metrics: Mapping[str, float]) -> bool:
        """Whether the discriminator still makes mistakes."""
        return metrics["train_discriminator_accuracy"] < PERFECT_DISCRIMINATOR


def new_trainer(manifest: Manifest, settings: GanSettings) -> GanTrainer:
    """Untrained networks. Their weights depend on the seed only."""
    model, seed, classes = settings.model, settings.training.seed, len(manifest.labels)
    generator, average = (
        build_generator(classes, model.noise, model.label_embedding, model.generator_width, seed, name)
        for name in ("generator", "average")
    )
    discriminator = build_discriminator(classes, model.discriminator_width, seed + 1)
    return GanTrainer(generator, average, discriminator, model.noise, settings.training)
