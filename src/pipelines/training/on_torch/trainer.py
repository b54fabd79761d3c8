"""The training loop of the PyTorch families: Lightning's trainer on one device, with a checkpoint after each epoch."""

import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback, RichProgressBar

from atelier.errors import AtelierError
from pipelines.lifecycle.contracts import MetricLog
from pipelines.training.on_torch.checkpoints import AtomicCheckpointIO, epoch_checkpoint
from pipelines.training.on_torch.hardware import set_up
from pipelines.training.on_torch.quiet import quiet
from pipelines.training.on_torch.settings import HardwareSettings

MetricNames = Callable[[int], Sequence[str]]
"""Function that returns the names of the metrics of an epoch. The first epoch is 1."""
Sheets = Callable[[int], Mapping[str, bytes]]
"""Function that returns examples of the results after an epoch: epoch → name → PNG file. The first epoch is 1."""


def fit(
    module: lightning.LightningModule,
    epochs: int,
    hardware: HardwareSettings,
    log: "EpochLog",
    folder: Path,
    resume: Path | None,
    fingerprint: dict[str, Any],
    **options: Any,
) -> None:
    """Train `module`, with a checkpoint in `folder` after each epoch.

    Parameters
    ----------
    resume
        The checkpoint from which training resumes, see `checkpoints.resume_point`. None: train from the beginning.
    fingerprint
        Everything that determines the result of the run. It is saved in each checkpoint.
    options
        Further options of `lightning.Trainer`, such as `gradient_clip_val`.
    """
    with quiet("lightning.pytorch", "lightning.fabric"):  # start messages, and advice on data loader workers
        callbacks = [log, _Fingerprint(fingerprint), epoch_checkpoint(folder)]
        trainer = _trainer(epochs, hardware, callbacks, folder, options)
        trainer.fit(module, ckpt_path=resume, weights_only=True)


class EpochLog(Callback):  # type: ignore[misc]  # Lightning's types are not read
    """Pass the metrics of each epoch to `log`, before the checkpoint of the epoch is written.

    A run that is killed in between repeats the epoch and logs the same values again.

    Parameters
    ----------
    log
        Function of the lifecycle that logs metrics.
    metrics
        Names of the metrics that the module logs in every epoch, or a function that returns those of an epoch. When one
        of them is NaN or infinite, training stops with an error. The module has an attribute `epoch_items`, the number
        of training items in an epoch.
    sheets
        Function that returns examples of the results. Not called when training has diverged.
    """

    def __init__(self, log: MetricLog, metrics: Sequence[str] | MetricNames, sheets: Sheets | None = None) -> None:
        self._log = log
        self._names: MetricNames = metrics if callable(metrics) else lambda _: metrics
        self._sheets = sheets
        self._start = 0.0
        self._samples_per_s = 0.0

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002  Lightning's names
        self._start = time.perf_counter()

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        self._samples_per_s = pl_module.epoch_items / (time.perf_counter() - self._start)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        epoch = trainer.current_epoch + 1
        metrics = {name: float(trainer.callback_metrics[name]) for name in self._names(epoch)}
        # The loss of the last step is computed before its update, so validation metrics are checked, too.
        diverged = not all(math.isfinite(value) for value in metrics.values())
        if diverged:  # the metrics of a diverged network mean nothing, and tuning must not use them
            metrics = dict.fromkeys(metrics, math.nan)
        metrics["learning_rate"] = trainer.optimizers[0].param_groups[0]["lr"]
        metrics["samples_per_s"] = self._samples_per_s
        images = None if diverged or self._sheets is None else self._sheets(epoch)
        self._log(metrics, epoch, images)
        if diverged:
            raise AtelierError(f"Training diverged in epoch {epoch}: lower the learning rates in `training`.")


class _ProgressBar(RichProgressBar):  # type: ignore[misc]
    """Counts epochs from 1, as the log does."""

    def _get_train_description(self, current_epoch: int) -> str:
        return f"epoch {current_epoch + 1} of {self.trainer.max_epochs}"


class _Fingerprint(Callback):  # type: ignore[misc]
    """Saves the fingerprint of the run in each checkpoint, so that checkpoints of other runs are not used."""

    def __init__(self, fingerprint: dict[str, Any]) -> None:
        self._fingerprint = fingerprint

    def on_save_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: dict[str, Any]) -> None:  # noqa: ARG002
        checkpoint["fingerprint"] = self._fingerprint


def _trainer(
    epochs: int, hardware: HardwareSettings, callbacks: list[Callback], folder: Path, options: Mapping[str, Any]
) -> lightning.Trainer:
    accelerator, precision = set_up(hardware)
    interactive = sys.stderr.isatty()
    return lightning.Trainer(
        accelerator=accelerator,
        devices=1,
        precision=precision,
        max_epochs=epochs,
        # Each epoch has another order of the items.
        reload_dataloaders_every_n_epochs=1,
        callbacks=[*callbacks, *([_ProgressBar()] if interactive else [])],
        plugins=[AtomicCheckpointIO()],
        enable_progress_bar=interactive,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        logger=False,
        default_root_dir=folder,
        **({"deterministic": True} | dict(options)),
    )
