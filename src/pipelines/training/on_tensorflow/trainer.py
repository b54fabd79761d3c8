"""The training loop of every TensorFlow family: epochs, checkpoints, metrics, sheets, and the end when it diverges."""

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
    """What a family gives to `fit`. All random numbers of a step come from the seed and the number of the step."""

    @property
    def state(self) -> dict[str, Any]:
        """What a checkpoint holds, by name: networks, optimizers, variables."""

    @property
    def steps(self) -> int:
        """Batches of an epoch."""

    @property
    def batch_size(self) -> int: ...

    def batches(self, epoch: int) -> Iterator[tuple[Any, ...]]:
        """The batches of an epoch, the first epoch being 1; arguments of `step`."""

    def step(self, *batch: Any) -> Mapping[str, Any]:
        """One step; losses by name, each a scalar."""

    def validate(self) -> dict[str, float]:
        """Metrics on the validation split, by name."""

    def sheets(self, epoch: int) -> dict[str, bytes]:
        """What the results look like now: name → PNG."""

    def problem(self, metrics: Mapping[str, float], last: bool) -> str | None:
        """What else than a loss that is not finite makes it useless to go on, and what to change; else None."""

    def is_worth_keeping(self, metrics: Mapping[str, float]) -> bool:
        """Whether the state after this epoch is good to resume from."""


def fit(
    training: Training,
    epochs: int,
    sheet_every: int,
    fingerprint: dict[str, Any],
    log: MetricLog,
    folder: Path,
    advice: str,
) -> None:
    """Train to the end, with a checkpoint after each epoch; goes on from the last checkpoint in `folder`.

    The metrics of an epoch are logged before its checkpoint is written: a run that is killed between the two repeats
    the epoch and logs the same numbers again.

    Parameters
    ----------
    sheet_every
        Epochs from one sheet of results to the next; the last epoch has one, too.
    fingerprint
        What decides the result of the run.
    advice
        What to change when a loss is no longer finite.

    Raises
    ------
    BadInputError
        When the checkpoints in `folder` come from other data or other settings.
    AtelierError
        When a metric is NaN or infinite, or `training.problem` names a reason. The last good checkpoint stays.
    """
    checkpoints = Checkpoints(folder, training.state, fingerprint)
    for epoch in range(checkpoints.restore() + 1, epochs + 1):
        last = epoch == epochs
        metrics = _train_epoch(training, epoch) | training.validate()
        finite = all(math.isfinite(value) for value in metrics.values())
        problem = training.problem(metrics, last) if finite else f"a loss is NaN or infinite. {advice}"
        if problem:  # tuning must not take what a diverged network scores by chance for a result
            metrics |= dict.fromkeys((name for name in metrics if name.startswith("val_")), math.nan)
        shown = not problem and (last or epoch % sheet_every == 0)
        log(metrics, epoch, training.sheets(epoch) if shown else None)
        if problem:
            raise AtelierError(f"Training diverged in epoch {epoch}: {problem}")
        if training.is_worth_keeping(metrics):
            checkpoints.save(epoch)


def _train_epoch(training: Training, epoch: int) -> dict[str, float]:
    """`train_<loss>` → mean over the steps that had it, and the speed."""
    began = time.perf_counter()
    batches = track(
        training.batches(epoch),
        f"epoch {epoch}",
        total=training.steps,
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    losses = [training.step(*batch) for batch in batches]
    names = sorted({name for named in losses for name in named})
    means = {f"train_{name}": float(np.mean([named[name] for named in losses if name in named])) for name in names}
    return means | {"samples_per_s": training.steps * training.batch_size / (time.perf_counter() - began)}
