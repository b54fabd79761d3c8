"""A study in Optuna's storage, shared by several processes, any of which may be killed at any time.

The number of finished trials never exceeds what was asked for: claiming one is done under a file lock, which the
system takes back from a killed process. A trial that was running in a killed process is marked failed and queued again
with the same values; it goes on from its checkpoint under a new number.
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
from pipelines.tune.trial import origin

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
WORKER = "worker"
"""User attribute of a trial: which worker runs it."""
_BUSY_S = 60
"""How long a process waits for another one that is writing to SQLite."""
_MISSED_BEATS = 3
_POLL_S = 0.5


def open_study(storage: Path, name: str, tuning: TuningSettings) -> optuna.Study:
    """The study of this name, begun when it is not there yet."""
    storage.parent.mkdir(parents=True, exist_ok=True)
    with _quiet():
        database = RDBStorage(
            f"sqlite:///{storage}",
            engine_kwargs={"connect_args": {"timeout": _BUSY_S}},
            heartbeat_interval=tuning.heartbeat_s,
            grace_period=_MISSED_BEATS * tuning.heartbeat_s,
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
    """Trials that have a result: complete or pruned, in the order of their numbers."""
    trials: list[FrozenTrial] = study.get_trials(deepcopy=False, states=FINISHED)
    return trials


def take_back(study: optuna.Study, worker: int | None = None) -> None:
    """Queue again what a dead worker was running; without `worker`, what anyone was (none may be alive then)."""
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        if worker is None or trial.user_attrs.get(WORKER) == worker:
            with _quiet():
                study.tell(trial.number, state=TrialState.FAIL)
                _retry()(study, trial)


def work(
    study: optuna.Study,
    tuning: TuningSettings,
    trials: int,
    worker: int,
    objective: Callable[[optuna.Trial], float],
    lock: Path,
) -> None:
    """Run one trial after another until the study has `trials` finished ones.

    Other processes may do the same; when enough trials are running elsewhere this one waits, in case one of those is
    killed.
    """
    while True:
        with Lock(lock) as claim, _quiet():
            optuna.storages.fail_stale_trials(study)
            states = Counter(trial.state for trial in study.get_trials(deepcopy=False))
            done = sum(states[state] for state in FINISHED)
            if done + states[TrialState.RUNNING] < trials:
                study.sampler = _sampler(study, tuning)
                # `optimize` begins the trial and keeps its heartbeat; the claim ends once it has begun.
                study.optimize(_releasing(claim, worker, objective), n_trials=1)
                continue
        if done >= trials:
            return
        time.sleep(_POLL_S)


def _releasing(claim: Lock, worker: int, objective: Callable[[optuna.Trial], float]) -> Callable[[optuna.Trial], float]:
    def release_and_run(trial: optuna.Trial) -> float:
        trial.set_user_attr(WORKER, worker)
        claim.release()
        return objective(trial)

    return release_and_run


def _sampler(study: optuna.Study, tuning: TuningSettings) -> optuna.samplers.BaseSampler:
    """A sampler seeded for the trial that comes next, so that a study that was killed draws what it would have drawn.

    A trial that is repeated has the seed of the one it repeats.
    """
    trials = study.get_trials(deepcopy=False)
    waiting = [trial for trial in trials if trial.state == TrialState.WAITING]
    next_one = origin(waiting[0]) if waiting else len(trials)
    place = sum(trial.number < next_one and origin(trial) == trial.number for trial in trials)
    return optuna.samplers.TPESampler(
        seed=tuning.seed + place, n_startup_trials=tuning.startup_trials, constant_liar=True
    )


def _pruner(tuning: TuningSettings) -> optuna.pruners.BasePruner:
    match tuning.pruning:
        case MedianPruning(startup_trials=startup, warmup_epochs=warmup):
            return optuna.pruners.MedianPruner(n_startup_trials=startup, n_warmup_steps=warmup)
        case HalvingPruning(min_epochs=epochs, reduction=reduction):
            return optuna.pruners.SuccessiveHalvingPruner(min_resource=epochs, reduction_factor=reduction)
    return optuna.pruners.NopPruner()


def _retry() -> RetryHeartbeatStaleTrialCallback:
    return RetryHeartbeatStaleTrialCallback(inherit_intermediate_values=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Heartbeats and retries are called experimental since Optuna 2.8."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield
