"""One trial: train the family with the values that the sampler suggests, and return the metric that is tuned."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import optuna
from optuna.trial import FrozenTrial

from atelier.errors import BadInputError
from atelier.registry.tracking.run import Run
from atelier.settings import apply
from pipelines.lifecycle.tuning import Choice, Dimension, FloatRange, IntRange, Scalar
from pipelines.tune.study_spec import StudySpec


class Suggest(Protocol):
    """The methods of `optuna.Trial` that suggest values."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float: ...
    def suggest_int(self, name: str, low: int, high: int, *, log: bool) -> int: ...
    def suggest_categorical(self, name: str, choices: Any) -> Any: ...


def suggest(trial: Suggest, space: Mapping[str, Dimension]) -> dict[str, Scalar]:
    """Dotted path → the value that this trial tries."""
    return {path: _suggest_one(trial, path, dimension) for path, dimension in space.items()}


def _suggest_one(trial: Suggest, path: str, dimension: Dimension) -> Scalar:
    match dimension:
        case FloatRange(low=low, high=high, log=log):
            return trial.suggest_float(path, low, high, log=log)
        case IntRange(low=low, high=high, log=log):
            return trial.suggest_int(path, low, high, log=log)
        case Choice(options=options):
            value: Scalar = trial.suggest_categorical(path, options)
            return value


class Recorder:
    """The `log` that training calls once an epoch: it writes to MLflow and Optuna, and stops a trial to be pruned."""

    def __init__(self, run: Run, trial: optuna.Trial, metric: str) -> None:
        self._run, self._trial, self._metric = run, trial, metric

    def __call__(self, metrics: Mapping[str, float], epoch: int, pictures: Mapping[str, bytes] | None = None) -> None:
        """Record one epoch.

        Raises
        ------
        optuna.TrialPruned
            When the trial is worse than others were at this epoch, or its metric is NaN or infinite.
        BadInputError
            When training does not log the metric that is tuned.
        """
        if self._metric not in metrics:
            raise BadInputError(
                f"Training logs no {self._metric!r}. Set tuning.metric to one of {', '.join(sorted(metrics))}."
            )
        self._run.log(metrics, epoch)
        self._run.log_images(pictures or {}, epoch)
        value = float(metrics[self._metric])
        if not math.isfinite(value):
            raise optuna.TrialPruned(f"{self._metric} is {value} in epoch {epoch}")
        self._trial.report(value, epoch)
        if self._trial.should_prune():
            raise optuna.TrialPruned(f"{self._metric} is {value:.4g} in epoch {epoch}")


def run_trial(trial: optuna.Trial, spec: StudySpec, study_run: Run, folder: Path) -> float:
    """Train with the suggested values, as a nested MLflow run, resuming from the checkpoints in `folder`.

    Returns
    -------
    float
        The tuned metric in the last epoch.

    Raises
    ------
    optuna.TrialPruned
        As `Recorder`.
    """
    values = suggest(trial, spec.tuning.space)
    pruned: optuna.TrialPruned | None = None
    # A pruned trial has not failed, but an exception that leaves this block marks the MLflow run as FAILED.
    with study_run.child(f"trial {first_attempt(trial)}") as run:
        run.log_params(values)
        run.set_tag("optuna.trial", str(trial.number))
        try:
            inputs, settings = spec.family.open_inputs(spec.data), spec.family.settings(spec.settings)
            recorder = Recorder(run, trial, spec.tuning.metric)
            spec.family.train(inputs, apply(settings, values), recorder, folder)
        except optuna.TrialPruned as reason:
            run.set_tag("pruned", str(reason))
            pruned = reason
    if pruned:
        raise pruned
    return _last_value(trial)


def first_attempt(trial: optuna.Trial | FrozenTrial) -> int:
    """Number of the trial that this one repeats after a kill; its own number if it repeats none."""
    stored = trial if isinstance(trial, FrozenTrial) else _stored(trial)
    number: int = stored.system_attrs.get("failed_trial", stored.number)
    return number


def _last_value(trial: optuna.Trial) -> float:
    """Read from the storage: a trial that was killed after its last epoch does not train or log again."""
    values = _stored(trial).intermediate_values
    if not values:
        raise BadInputError("Training logged no epoch. Set the number of epochs in training to at least 1.")
    return float(values[max(values)])


def _stored(trial: optuna.Trial) -> FrozenTrial:
    found: FrozenTrial = trial.study.get_trials(deepcopy=False)[trial.number]
    return found
