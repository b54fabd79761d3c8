"""Training: from prepared drawings to a final checkpoint, going on from whatever a killed run left."""

import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rich.progress import track

from atelier.data.prepared.dataset import PreparedData
from atelier.data.prepared.sampling import epoch_order
from atelier.errors import AtelierError
from pipelines.families.quickdraw_gan.model import build_discriminator, build_generator
from pipelines.families.quickdraw_gan.progress import Progress
from pipelines.families.quickdraw_gan.settings import GanSettings, TrainingSettings
from pipelines.families.quickdraw_gan.step import Adversaries
from pipelines.lifecycle.contracts import MetricLog
from pipelines.training.on_tensorflow.checkpoints import Checkpoints
from pipelines.training.on_tensorflow.hardware import set_up

NEVER_WRONG = 0.999
"""Accuracy of a discriminator from which a generator learns nothing any more."""


def train(data: PreparedData, settings: GanSettings, log: MetricLog, folder: Path) -> None:
    """Train to the end and leave the final checkpoint in `folder`; goes on from the last checkpoint found there.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    AtelierError
        When a loss is no longer a number, or the discriminator has won. The last good checkpoint stays.
    """
    set_up(settings.hardware)
    recipe = settings.training
    players = new_players(data, settings)
    checkpoints = Checkpoints(folder, players.parts, made_from(data, settings))
    progress, won = Progress(data, settings.model.noise, recipe.seed), 0
    for epoch in range(checkpoints.restore() + 1, recipe.epochs + 1):
        metrics = _train_epoch(players, data, recipe, epoch)
        won = won + 1 if metrics["discriminator_accuracy"] >= NEVER_WRONG else 0
        last = epoch == recipe.epochs
        metrics["val_distance"] = progress.distance(players.average)
        problem = _problem(metrics, won, patience=1 if last else recipe.patience)
        if problem:  # what a diverged network scores by chance is no score: tuning must not take it for one
            metrics["val_distance"] = math.nan
        shown = last or epoch % recipe.sheet_every == 0
        log(metrics, epoch, {"samples": progress.sheet(players.average, epoch)} if shown and not problem else None)
        if problem:
            raise AtelierError(f"Training diverged in epoch {epoch}: {problem}")
        if not won:
            checkpoints.save(epoch)


def new_players(data: PreparedData, settings: GanSettings) -> Adversaries:
    """Untrained networks, their weights drawn from the seed alone."""
    model, seed, classes = settings.model, settings.training.seed, len(data.manifest.labels)
    generator, average = (
        build_generator(classes, model.noise, model.label_embedding, model.generator_width, seed, name)
        for name in ("generator", "average")
    )
    discriminator = build_discriminator(classes, model.discriminator_width, seed + 1)
    return Adversaries(generator, average, discriminator, model.noise, settings.training)


def made_from(data: PreparedData, settings: GanSettings) -> dict[str, Any]:
    """What decides the result; where it was computed does not, nor what is done to the noise in the exported file."""
    return {
        "data": data.manifest.content_hash,
        "model": settings.model.model_dump(mode="json", exclude={"truncation"}),
        "training": settings.training.model_dump(mode="json", exclude={"sheet_every", "patience"}),
    }


def _train_epoch(players: Adversaries, data: PreparedData, recipe: TrainingSettings, epoch: int) -> dict[str, float]:
    """Train through one epoch; means of the losses over its steps."""
    train = data.split("train")
    batch = min(recipe.batch_size, len(train["label"]))
    steps = max(1, (recipe.epoch_items or len(train["label"])) // batch)
    order = epoch_order(len(train["label"]), recipe.seed, epoch - 1, steps * batch).reshape(steps, batch)
    began = time.perf_counter()
    named: list[Mapping[str, Any]] = []
    for index in track(order, f"epoch {epoch}", disable=not sys.stderr.isatty(), transient=True):
        image, label = train["image"][index], train["label"][index].astype(np.int64)
        named.append(players.train(tf.constant(image), tf.constant(label)))
    return _means(named) | {"samples_per_s": steps * batch / (time.perf_counter() - began)}


def _means(named: list[Mapping[str, Any]]) -> dict[str, float]:
    """Loss name → its mean over the steps that had it."""
    names = {name for losses in named for name in losses}
    return {name: float(np.mean([losses[name] for losses in named if name in losses])) for name in sorted(names)}


def _problem(metrics: Mapping[str, float], won: int, patience: int) -> str | None:
    """What is wrong with the epoch and what to do about it."""
    if not all(math.isfinite(value) for value in metrics.values()):
        return "its numbers are none any more. Lower training.generator_learning_rate and discriminator_learning_rate."
    if won >= patience:
        return (
            "the discriminator is never wrong any more, so the generator learns nothing. Lower "
            "training.discriminator_learning_rate, or raise training.discriminator_losses.gradient_penalty."
        )
    return None
