"""Training: from prepared drawings to a final checkpoint, going on from whatever a killed run left."""

import math
import sys
import time
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, RichProgressBar

from atelier.data.prepared import PreparedData
from atelier.errors import AtelierError, BadInputError
from pipelines.contracts import MetricLog
from pipelines.quickdraw_classifier.checkpoints import AtomicCheckpointIO, each_epoch, latest
from pipelines.quickdraw_classifier.model import DoodleNet
from pipelines.quickdraw_classifier.module import DoodleTraining
from pipelines.quickdraw_classifier.quiet import quiet
from pipelines.quickdraw_classifier.settings import ClassifierSettings, HardwareSettings

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
    found = latest(folder)
    if found is not None:
        path, checkpoint = found
        if checkpoint["made_from"] != made_from:
            raise BadInputError(
                f"{path} was trained on other data or with other settings. Remove {folder}, or train elsewhere."
            )
        if checkpoint["epoch"] + 1 >= settings.training.epochs:
            return
    if settings.hardware.threads:
        torch.set_num_threads(settings.hardware.threads)
    module = DoodleTraining(
        initial_network(data, settings), data.split("train"), data.split("val"), settings.training, made_from
    )
    with quiet("lightning.pytorch", "lightning.fabric"):  # greetings, and advice on data loaders that are not ours
        _trainer(settings, log, folder).fit(module, ckpt_path=found and found[0], weights_only=True)


def initial_network(data: PreparedData, settings: ClassifierSettings) -> DoodleNet:
    """The untrained network, its weights drawn from the seed alone."""
    with torch.random.fork_rng():
        torch.manual_seed(settings.training.seed)
        return DoodleNet(len(data.manifest.labels), settings.model.widths, settings.model.depths)


class EpochLog(Callback):  # type: ignore[misc]  # Lightning's types are not read
    """Hand the metrics of each epoch to `log`, before the epoch's checkpoint is written.

    A run that is killed between the two repeats the epoch, and logs the same numbers again, rather than losing them.
    """

    def __init__(self, log: MetricLog) -> None:
        self._log = log
        self._began = 0.0
        self._samples_per_s = 0.0

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002  Lightning's names
        self._began = time.perf_counter()

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        self._samples_per_s = pl_module.epoch_items / (time.perf_counter() - self._began)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        metrics = {name: float(trainer.callback_metrics[name]) for name in METRICS}
        diverged = not math.isfinite(metrics["train_loss"])
        if diverged:  # what such a network still gets right by chance is no accuracy: tuning must not take it for one
            metrics = dict.fromkeys(METRICS, math.nan)
        metrics["learning_rate"] = trainer.optimizers[0].param_groups[0]["lr"]
        metrics["samples_per_s"] = self._samples_per_s
        self._log(metrics, trainer.current_epoch + 1)
        if diverged:
            raise AtelierError(f"Training diverged in epoch {trainer.current_epoch + 1}: lower training.learning_rate.")


def _trainer(settings: ClassifierSettings, log: MetricLog, folder: Path) -> lightning.Trainer:
    accelerator, precision = _hardware(settings.hardware)
    interactive = sys.stderr.isatty()
    return lightning.Trainer(
        accelerator=accelerator,
        devices=1,
        precision=precision,
        max_epochs=settings.training.epochs,
        # Epochs differ in their order: a fresh row of batches each time.
        reload_dataloaders_every_n_epochs=1,
        callbacks=[EpochLog(log), each_epoch(folder), *([RichProgressBar()] if interactive else [])],
        plugins=[AtomicCheckpointIO()],
        enable_progress_bar=interactive,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        deterministic=True,
        logger=False,
        default_root_dir=folder,
    )


def _hardware(settings: HardwareSettings) -> tuple[str, str]:
    """Lightning's names of device and precision, with `auto` decided by what this machine has."""
    device = settings.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = settings.precision
    if precision == "auto":
        # Elsewhere the processor would only emulate it, slower than float32.
        native = torch.cuda.is_bf16_supported() if device == "cuda" else torch.cpu._is_avx512_bf16_supported()
        precision = "bfloat16" if native else "float32"
    return device, "bf16-mixed" if precision == "bfloat16" else "32-true"


def _made_from(data: PreparedData, settings: ClassifierSettings) -> dict[str, Any]:
    """What decides the result; where it was computed does not."""
    return {
        "data": data.manifest.content_hash,
        "model": settings.model.model_dump(mode="json", exclude={"flip_average"}),
        "training": settings.training.model_dump(mode="json"),
    }
