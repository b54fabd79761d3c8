"""Training: from prepared drawings to a final checkpoint, going on from whatever a killed run left."""

from pathlib import Path
from typing import Any

import torch

from atelier.data.prepared.dataset import PreparedData
from pipelines.families.quickdraw_classifier.model import DoodleNet
from pipelines.families.quickdraw_classifier.settings import ClassifierSettings
from pipelines.families.quickdraw_classifier.step import DoodleTraining
from pipelines.lifecycle.contracts import MetricLog
from pipelines.training.on_torch.checkpoints import found
from pipelines.training.on_torch.trainer import EpochLog, fit

METRICS = ("train_loss", "val_loss", "val_top1")


def train(data: PreparedData, settings: ClassifierSettings, log: MetricLog, folder: Path) -> None:
    """Train to the end and leave the final checkpoint in `folder`; goes on from the last checkpoint found there.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    AtelierError
        When the loss is no longer a number.
    """
    made_from = _made_from(data, settings)
    before = found(folder, made_from)
    if before.finished >= settings.training.epochs:
        return
    module = DoodleTraining(
        initial_network(data, settings), data.split("train"), data.split("val"), settings.training, made_from
    )
    fit(module, settings.training.epochs, settings.hardware, EpochLog(log, METRICS), folder, before.path)


def initial_network(data: PreparedData, settings: ClassifierSettings) -> DoodleNet:
    """The untrained network, its weights drawn from the seed alone."""
    with torch.random.fork_rng():
        torch.manual_seed(settings.training.seed)
        return DoodleNet(len(data.manifest.labels), settings.model.widths, settings.model.depths)


def _made_from(data: PreparedData, settings: ClassifierSettings) -> dict[str, Any]:
    """What decides the result; where it was computed does not."""
    return {
        "data": data.manifest.content_hash,
        "model": settings.model.model_dump(mode="json", exclude={"flip_average"}),
        "training": settings.training.model_dump(mode="json"),
    }
