"""One trial: train the family with the values that the sampler drew, and say how good they are."""

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
from pipelines.tune.plan import Plan


class Draws(Protocol):
    """The part of `optuna.Trial` that draws values."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float: ...
    def suggest_int(self, name: str, low: int, high: int, *, log: bool) -> int: ...
    def suggest_categorical(self, name: str, choices: Any) -> Any: ...


def draw(trial: Draws, space: Mapping[str, Dimension]) -> dict[str, Scalar]:
    """Dotted path → the value that this trial shall try."""
    return {path: _draw(trial, path, dimension) for path, dimension in space.items()}


def _draw(trial: Draws, path: str, dimension: Dimension) -> Scalar:
    match dimension:
        case FloatRange(low=low, high=high, log=log):
            return trial.suggest_float(path, low, high, log=log)
        case IntRange(low=low, high=high, log=log):
            return trial.suggest_int(path, low, high, log=log)
        case Choice(options=options):
            value: Scalar = trial.suggest_categorical(path, options)
            return value


class Recorder:
    """The `log` that training calls once an epoch: to MLflow, to Optuna, and out when the trial is hopeless."""

    def __init__(self, run: Run, trial: optuna.Trial, metric: str) -> None:
        self._run, self._trial, self._metric = run, trial, metric

    def __call__(self, metrics: Mapping[str, float], epoch: int, pictures: Mapping[str, bytes] | None = None) -> None:
        """Record one epoch.

        Raises
        ------
        optuna.TrialPruned
            When the trial does worse than others did at this epoch, or has diverged.
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


def run_trial(trial: optuna.Trial, plan: Plan, study_run: Run, folder: Path) -> float:
    """Train with the drawn values, as a nested MLflow run, going on from what lies in `folder`.

    Returns
    -------
    float
        The tuned metric in the last epoch.

    Raises
    ------
    optuna.TrialPruned
        As `Recorder`.
    """
    values = draw(trial, plan.tuning.space)
    pruned: optuna.TrialPruned | None = None
    # A pruned trial is no failure: raised inside, the exception would mark the MLflow run FAILED.
    with study_run.child(f"trial {origin(trial)}") as run:
        run.log_params(values)
        run.set_tag("optuna.trial", str(trial.number))
        try:
            inputs, settings = plan.family.open_inputs(plan.data), plan.family.settings(plan.settings)
            recorder = Recorder(run, trial, plan.tuning.metric)
            plan.family.train(inputs, apply(settings, values), recorder, folder)
        except optuna.TrialPruned as reason:
            run.set_tag("pruned", str(reason))
            pruned = reason
    if pruned:
        raise pruned
    return _last_value(trial)


def origin(trial: optuna.Trial | FrozenTrial) -> int:
    """Number of the trial that this one repeats after a kill; its own where it is the first."""
    stored = trial if isinstance(trial, FrozenTrial) else _stored(trial)
    number: int = stored.system_attrs.get("failed_trial", stored.number)
    return number


def _last_value(trial: optuna.Trial) -> float:
    """From the storage: a trial that was killed after its last epoch trains no further and logs nothing more."""
    values = _stored(trial).intermediate_values
    if not values:
        raise BadInputError("Training logged no epoch at all. Set training to at least one epoch.")
    return float(values[max(values)])


def _stored(trial: optuna.Trial) -> FrozenTrial:
    found: FrozenTrial = trial.study.get_trials(deepcopy=False)[trial.number]
    return found
