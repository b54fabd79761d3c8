"""Training: from prepared photos and paintings to a final checkpoint, going on from whatever a killed run left."""

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
from atelier.pretrained.perceptual.asset import Perceptual
from pipelines.families.fast_style.batches import draw_batch
from pipelines.families.fast_style.model import build_network
from pipelines.families.fast_style.progress import Progress
from pipelines.families.fast_style.settings import FastStyleSettings, TrainingSettings
from pipelines.families.fast_style.step import Painter
from pipelines.families.fast_style.styles import choose, resized
from pipelines.lifecycle.contracts import MetricLog
from pipelines.training.on_tensorflow.checkpoints import Checkpoints
from pipelines.training.on_tensorflow.hardware import Precision, precision, set_up
from pipelines.training.on_tensorflow.perceptual import Taps


def train(
    coco: PreparedData,
    van_gogh: PreparedData,
    perceptual: Perceptual,
    settings: FastStyleSettings,
    log: MetricLog,
    folder: Path,
) -> None:
    """Train to the end and leave the final checkpoint in `folder`; goes on from the last checkpoint found there.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings, or the paintings cannot be chosen.
    AtelierError
        When a loss is no longer a number. The last good checkpoint stays.
    """
    set_up(settings.hardware)
    recipe = settings.training
    painter = new_painter(van_gogh, perceptual, settings, precision(settings.hardware))
    checkpoints = Checkpoints(folder, painter.parts, made_from(coco, van_gogh, perceptual, settings))
    progress = Progress(coco, choose(van_gogh, settings.styles), recipe.val_photos, recipe.size)
    for epoch in range(checkpoints.restore() + 1, recipe.epochs + 1):
        metrics = _train_epoch(painter, coco, recipe, epoch) | progress.measure(painter)
        good = all(math.isfinite(value) for value in metrics.values())
        if not good:  # what a diverged network scores by chance is no score: tuning must not take it for one
            metrics["val_distance"] = math.nan
        shown = good and (epoch == recipe.epochs or epoch % recipe.sheet_every == 0)
        log(metrics, epoch, {"pictures": progress.sheet(epoch)} if shown else None)
        if not good:
            raise AtelierError(
                f"Training diverged in epoch {epoch}: its numbers are none any more. Lower training.learning_rate."
            )
        checkpoints.save(epoch)


def new_painter(
    van_gogh: PreparedData, perceptual: Perceptual, settings: FastStyleSettings, computed: Precision = "float32"
) -> Painter:
    """An untrained network, its weights drawn from the seed alone, and the styles that it is to learn."""
    recipe = settings.training
    styles = choose(van_gogh, settings.styles)
    sees = perceptual if settings.model.sees_features else None
    network = build_network(len(styles), settings.model, recipe.seed, computed, sees)
    paintings = [resized(style.painting, settings.styles.size) for style in styles]
    return Painter(network, Taps(perceptual, precision=computed), paintings, recipe)


def made_from(
    coco: PreparedData, van_gogh: PreparedData, perceptual: Perceptual, settings: FastStyleSettings
) -> dict[str, Any]:
    """What decides the result; where it was computed does not, nor what is shown of it on the way."""
    return {
        "data": [handle.manifest.content_hash for handle in (coco, van_gogh, perceptual)],
        "styles": settings.styles.model_dump(mode="json"),
        "model": settings.model.model_dump(mode="json"),
        "training": settings.training.model_dump(mode="json", exclude={"sheet_every", "val_photos"}),
    }


def _train_epoch(painter: Painter, coco: PreparedData, recipe: TrainingSettings, epoch: int) -> dict[str, float]:
    """Train through one epoch; means of the losses over its steps."""
    photos, batch = coco.split("train")["image"], recipe.batch_size
    order = epoch_order(len(photos), recipe.seed, epoch - 1, recipe.steps * batch).reshape(recipe.steps, batch)
    began = time.perf_counter()
    named: list[Mapping[str, Any]] = []
    for index in track(order, f"epoch {epoch}", disable=not sys.stderr.isatty(), transient=True):
        seed = (recipe.seed, int(painter.step))
        image, style = draw_batch(photos, index, painter.styles, recipe.size, recipe.least_crop, seed)
        named.append(painter.train(tf.constant(image), tf.constant(style)))
    means = {name: float(np.mean([losses[name] for losses in named])) for name in named[0]}
    return means | {"samples_per_s": recipe.steps * batch / (time.perf_counter() - began)}
