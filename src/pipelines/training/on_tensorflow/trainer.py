"""The training loop of the TensorFlow families: epochs, checkpoints, metrics, sheets, and an error when it diverges."""

import math
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from rich.progress import track

from atelier.errors import AtelierError
from pipelines.lifecycle.contracts import MetricLog
from pipelines.training.on_tensorflow.checkpoints import Checkpoints


class Training(Protocol):
    """The training of a family, for `fit`. Its random numbers depend on the seed and the number of the step only."""

    @property
    def state(self) -> dict[str, Any]:
        """Content of a checkpoint: name → network, optimizer or variable."""

    @property
    def steps(self) -> int:
        """Number of batches in an epoch."""

    @property
    def batch_size(self) -> int: ...

    def batches(self, epoch: int) -> Iterator[tuple[Any, ...]]:
        """The batches of an epoch, as arguments of `step`. The first epoch is 1."""

    def step(self, *batch: Any) -> Mapping[str, Any]:
        """Train on one batch, and return its losses: name → scalar."""

    def validate(self) -> dict[str, float]:
        """Metrics on the validation split: name → value."""

    def sheets(self, epoch: int) -> dict[str, bytes]:
        """Examples of the current results: name → PNG file."""

    def problem(self, metrics: Mapping[str, float], last: bool) -> str | None:
        """A reason to stop other than a loss that is NaN or infinite, and what to change. None: training continues."""

    def is_worth_keeping(self, metrics: Mapping[str, float]) -> bool:
        """Whether the state after this epoch is saved as a checkpoint."""


def fit(
    training: Training,
    epochs: int,
    sheet_every: int,
    fingerprint: dict[str, Any],
    log: MetricLog,
    folder: Path,
    advice: str,
) -> None:
    """Train, with a checkpoint after each epoch. Training resumes from the last checkpoint in `folder`.

    The metrics of an epoch are logged before its checkpoint is written. A run that is killed in between repeats the
    epoch and logs the same values again.

    Parameters
    ----------
    sheet_every
        Interval between two sheets of results, in epochs. The last epoch always has a sheet.
    fingerprint
        Everything that determines the result of the run.
    advice
        What to change when a loss is NaN or infinite, for the error message.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    AtelierError
        When a metric is NaN or infinite, or `training.problem` returns a reason. Earlier checkpoints are kept.
    """
    checkpoints = Checkpoints(folder, training.state, fingerprint)
    for epoch in range(checkpoints.restore() + 1, epochs + 1):
        last = epoch == epochs
        metrics = _train_epoch(training, epoch, epochs) | training.validate()
        finite = all(math.isfinite(value) for value in metrics.values())
        problem = training.problem(metrics, last) if finite else f"a loss is NaN or infinite. {advice}"
        if problem:  # the metrics of a diverged network mean nothing, and tuning must not use them
            metrics |= dict.fromkeys((name for name in metrics if name.startswith("val_")), math.nan)
        shown = not problem and (last or epoch % sheet_every == 0)
        log(metrics, epoch, training.sheets(epoch) if shown else None)
        if problem:
            raise AtelierError(f"Training diverged in epoch {epoch}: {problem}")
        if training.is_worth_keeping(metrics):
            checkpoints.save(epoch)


def _train_epoch(training: Training, epoch: int, epochs: int) -> dict[str, float]:
    """`train_<loss>` → mean over the steps that returned this loss; and `samples_per_s`."""
    start = time.perf_counter()
    batches = track(
        training.batches(epoch),
        f"epoch {epoch} of {epochs}",
        total=training.steps,
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    steps = [training.step(*batch) for batch in batches]
    names = sorted({name for losses in steps for name in losses})
    means = {f"train_{name}": float(np.mean([losses[name] for losses in steps if name in losses])) for name in names}
    return means | {"samples_per_s": training.steps * training.batch_size / (time.perf_counter() - start)}
