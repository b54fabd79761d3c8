"""A study in Optuna's storage that several processes share; any of them may be killed at any time.

The number of finished trials never exceeds `trials`: a process begins a trial only under a file lock, which the system
releases when that process is killed. A trial that ran in a killed process is marked as failed and queued again with
the same values, three times at most; under its new number it resumes from its checkpoint.
"""

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.trial import FrozenTrial, TrialState

from pipelines.lifecycle.tuning import HalvingPruning, MedianPruning, TuningSettings
from pipelines.processes.locks import Lock
from pipelines.tune.trial import first_attempt

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
WORKER = "worker"
"""User attribute of a trial: number of the worker that runs it."""
_SQLITE_TIMEOUT_S = 60
"""Seconds that a process waits while another one writes to SQLite."""
_MISSED_HEARTBEATS = 3
"""After so many a worker is taken to be dead."""
_MAX_RETRIES = 3
"""A trial that was killed so often is not repeated: its values may need more memory than there is."""
_POLL_S = 0.5


def open_study(storage: Path, name: str, tuning: TuningSettings) -> optuna.Study:
    """The study with this name; a new one if there is none."""
    storage.parent.mkdir(parents=True, exist_ok=True)
    with _quiet():
        database = RDBStorage(
            f"sqlite:///{storage}",
            engine_kwargs={"connect_args": {"timeout": _SQLITE_TIMEOUT_S}},
            heartbeat_interval=tuning.heartbeat_s,
            grace_period=_MISSED_HEARTBEATS * tuning.heartbeat_s,
            heartbeat_stale_trial_callback=_retry(),
        )
        return optuna.create_study(
            storage=database,
            study_name=name,
            direction=tuning.direction,
            load_if_exists=True,
            pruner=_pruner(tuning),
        )


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """Trials that are complete or pruned, in the order of their numbers."""
    trials: list[FrozenTrial] = study.get_trials(deepcopy=False, states=FINISHED)
    return trials


def requeue_running(study: optuna.Study, worker: int | None = None) -> None:
    """Queue the running trials of a dead worker again; without `worker`, those of all (none may be alive then)."""
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        if worker is None or trial.user_attrs.get(WORKER) == worker:
            with _quiet():
                study.tell(trial.number, state=TrialState.FAIL)
                _retry()(study, trial)


def run_trials(
    study: optuna.Study,
    tuning: TuningSettings,
    trials: int,
    worker: int,
    objective: Callable[[optuna.Trial], float],
    lock: Path,
) -> None:
    """Run one trial after another until the study has `trials` finished ones.

    Other processes may do the same. While the others run all trials that are left, this one waits, because one of
    them may be killed.

    Parameters
    ----------
    worker
        Number of this worker, which is stored with its trials.
    objective
        Returns the value of a trial, or raises `optuna.TrialPruned`.
    lock
        File that is locked while a trial is begun.
    """
    while True:
        with Lock(lock, f"A trial of study {study.study_name} is being begun", None) as begin, _quiet():
            optuna.storages.fail_stale_trials(study)
            states = Counter(trial.state for trial in study.get_trials(deepcopy=False))
            done = sum(states[state] for state in FINISHED)
            if done + states[TrialState.RUNNING] < trials:
                study.sampler = _sampler(study, tuning)
                # `optimize` begins the trial and keeps its heartbeat; then the lock is released.
                study.optimize(_releasing(begin, worker, objective), n_trials=1)
                continue
        if done >= trials:
            return
        time.sleep(_POLL_S)


def _releasing(begin: Lock, worker: int, objective: Callable[[optuna.Trial], float]) -> Callable[[optuna.Trial], float]:
    def release_and_run(trial: optuna.Trial) -> float:
        trial.set_user_attr(WORKER, worker)
        begin.release()
        return objective(trial)

    return release_and_run


def _sampler(study: optuna.Study, tuning: TuningSettings) -> optuna.samplers.BaseSampler:
    """A sampler with a seed for the next trial, so that a killed study suggests the values of the unbroken one.

    A trial that is repeated gets the seed of its first attempt.
    """
    trials = study.get_trials(deepcopy=False)
    waiting = [trial for trial in trials if trial.state == TrialState.WAITING]
    number = first_attempt(waiting[0]) if waiting else len(trials)
    index = sum(trial.number < number and first_attempt(trial) == trial.number for trial in trials)
    return optuna.samplers.TPESampler(
        seed=tuning.seed + index, n_startup_trials=tuning.startup_trials, constant_liar=True
    )


def _pruner(tuning: TuningSettings) -> optuna.pruners.BasePruner:
    match tuning.pruning:
        case MedianPruning(startup_trials=trials, warmup_epochs=epochs):
            return optuna.pruners.MedianPruner(n_startup_trials=trials, n_warmup_steps=epochs)
        case HalvingPruning(min_epochs=epochs, reduction=reduction):
            return optuna.pruners.SuccessiveHalvingPruner(min_resource=epochs, reduction_factor=reduction)
    return optuna.pruners.NopPruner()


def _retry() -> RetryHeartbeatStaleTrialCallback:
    return RetryHeartbeatStaleTrialCallback(max_retry=_MAX_RETRIES, inherit_intermediate_values=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warning that heartbeats and retries are experimental, as they have been since Optuna 2.8."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield
