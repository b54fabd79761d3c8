"""Lightning's trainer as every family uses it: one device, a checkpoint an epoch, metrics to the lifecycle."""

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
from pipelines.training.on_torch.checkpoints import AtomicCheckpointIO, each_epoch
from pipelines.training.on_torch.hardware import set_up
from pipelines.training.on_torch.quiet import quiet
from pipelines.training.on_torch.settings import HardwareSettings

Sheets = Callable[[int], Mapping[str, bytes]]
"""Epoch, the first being 1 → name → PNG bytes."""


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
    """Train `module` to the end, with a checkpoint after each epoch in `folder`.

    Parameters
    ----------
    resume
        The checkpoint to go on from, see `checkpoints.resume_point`; None: from the start.
    fingerprint
        What decides the result of the run; written into each checkpoint.
    options
        More of `lightning.Trainer`, such as `gradient_clip_val`.
    """
    with quiet("lightning.pytorch", "lightning.fabric"):  # greetings, and advice on data loaders that are not ours
        callbacks = [log, _Fingerprint(fingerprint), each_epoch(folder)]
        trainer = _trainer(epochs, hardware, callbacks, folder, options)
        trainer.fit(module, ckpt_path=resume, weights_only=True)


class EpochLog(Callback):  # type: ignore[misc]  # Lightning's types are not read
    """Hand the metrics of each epoch to `log`, before the epoch's checkpoint is written.

    A run that is killed between the two repeats the epoch, and logs the same numbers again, rather than losing them.

    Parameters
    ----------
    log
        The lifecycle's.
    metrics
        Names of what the module logs; when one of them is no number any more, the run has diverged. The module says how
        many `epoch_items` it trains on from one validation to the next.
    sheets
        What the results of an epoch look like; not called when the run has diverged.
    """

    def __init__(self, log: MetricLog, metrics: Sequence[str], sheets: Sheets | None = None) -> None:
        self._log = log
        self._metrics = metrics
        self._sheets = sheets
        self._began = 0.0
        self._samples_per_s = 0.0

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002  Lightning's names
        self._began = time.perf_counter()

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        self._samples_per_s = pl_module.epoch_items / (time.perf_counter() - self._began)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        epoch = trainer.current_epoch + 1
        metrics = {name: float(trainer.callback_metrics[name]) for name in self._metrics}
        # The losses of an epoch's last step were taken before it: what it broke shows in validation.
        diverged = not all(math.isfinite(value) for value in metrics.values())
        if diverged:  # what such a network still gets right by chance is no result: tuning must not take it for one
            metrics = dict.fromkeys(self._metrics, math.nan)
        metrics["learning_rate"] = trainer.optimizers[0].param_groups[0]["lr"]
        metrics["samples_per_s"] = self._samples_per_s
        shown = None if diverged or self._sheets is None else self._sheets(epoch)
        self._log(metrics, epoch, shown)
        if diverged:
            raise AtelierError(f"Training diverged in epoch {epoch}: lower training.learning_rate.")


class _Fingerprint(Callback):  # type: ignore[misc]
    """Writes the run's fingerprint into each checkpoint, so that one of another run is not resumed."""

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
        # The order of the items differs from epoch to epoch.
        reload_dataloaders_every_n_epochs=1,
        callbacks=[*callbacks, *([RichProgressBar()] if interactive else [])],
        plugins=[AtomicCheckpointIO()],
        enable_progress_bar=interactive,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        logger=False,
        default_root_dir=folder,
        **({"deterministic": True} | dict(options)),
    )
