"""Training from prepared drawings to a final checkpoint. A killed training is resumed."""

from pathlib import Path

import torch

from atelier.data.prepared.dataset import Manifest
from pipelines.families.quickdraw_classifier.model import DrawingNet
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs, ClassifierSettings
from pipelines.families.quickdraw_classifier.step import ClassifierTrainer
from pipelines.lifecycle.contracts import MetricLog, fingerprint
from pipelines.training.on_torch.checkpoints import resume_point
from pipelines.training.on_torch.trainer import EpochLog, fit

METRICS = ("train_loss", "val_loss", "val_top1")


def train(inputs: ClassifierInputs, settings: ClassifierSettings, log: MetricLog, folder: Path) -> None:
    """Train and leave the final checkpoint in `folder`. Training resumes from the last checkpoint in `folder`.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    AtelierError
        When a loss is NaN or infinite.
    """
    data, identity = inputs.quickdraw, fingerprint(inputs, settings)
    resume = resume_point(folder, identity)
    if resume.finished >= settings.training.epochs:
        return
    network = new_network(data.manifest, settings)
    module = ClassifierTrainer(network, data.split("train"), data.split("val"), settings.training)
    fit(module, settings.training.epochs, settings.hardware, EpochLog(log, METRICS), folder, resume.path, identity)


def new_network(manifest: Manifest, settings: ClassifierSettings) -> DrawingNet:
    """The untrained network. Its weights depend on the seed only."""
    with torch.random.fork_rng():
        torch.manual_seed(settings.training.seed)
        return DrawingNet(len(manifest.labels), settings.model.widths, settings.model.depths)
