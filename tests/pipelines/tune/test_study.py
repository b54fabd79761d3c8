import sqlite3
import threading

import optuna
import pytest
from optuna.trial import TrialState

from pipelines.lifecycle.tuning import HalvingPruning, MedianPruning, NoPruning
from pipelines.tune import study as module
from pipelines.tune.study import WORKER, finished, open_study, requeue_running, run_trials
from pipelines.tune.trial import first_attempt
from tests.helpers.tuning import make_tuning

TUNING = make_tuning(
    space={"x": {"kind": "float", "low": 0, "high": 1}},
    startup_trials=2,
    pruning={"kind": "median", "startup_trials": 5, "warmup_epochs": 1},
    heartbeat_s=10,
)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(module, "_POLL_S", 0.01)


@pytest.fixture
def study(tmp_path):
    return open_study(tmp_path / "tuning.db", "study", TUNING)


def square(trial):
    return -((trial.suggest_float("x", 0, 1) - 0.3) ** 2)


class KilledError(BaseException):
    """Like kill -9: the end of the trial is not reported."""


def states(study):
    return [trial.state.name for trial in study.get_trials(deepcopy=False)]


def suggested(study):
    return [trial.params["x"] for trial in finished(study)]


def run_until(study, tmp_path, trials, objective=square, worker=0):
    run_trials(study, TUNING, trials, worker, objective, tmp_path / "next_trial.lock")


def kill_in(study, tmp_path, trials, number):
    """Run trials until trial `number` has its values, and leave it running."""

    def objective(trial):
        value = square(trial)
        if trial.number == number:
            raise KilledError
        return value

    with pytest.raises(KilledError):
        run_until(study, tmp_path, trials, objective)


def test_trials_are_run_up_to_the_number_and_more_with_a_larger_one(study, tmp_path):
    run_until(study, tmp_path, 3)
    run_until(study, tmp_path, 3)
    assert states(study) == ["COMPLETE"] * 3
    run_until(study, tmp_path, 5)
    assert states(study) == ["COMPLETE"] * 5


def test_pruned_trials_count(study, tmp_path):
    def prune_every_other(trial):
        value = square(trial)
        if trial.number % 2:
            raise optuna.TrialPruned
        return value

    run_until(study, tmp_path, 4, prune_every_other)
    assert states(study) == ["COMPLETE", "PRUNED"] * 2


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_killed_study_ends_as_the_unbroken_one(tmp_path, number):
    unbroken = open_study(tmp_path / "unbroken.db", "study", TUNING)
    run_until(unbroken, tmp_path, 5)
    study = open_study(tmp_path / "killed.db", "study", TUNING)
    kill_in(study, tmp_path, 5, number)
    study = open_study(tmp_path / "killed.db", "study", TUNING)
    requeue_running(study)
    run_until(study, tmp_path, 5)
    assert suggested(study) == suggested(unbroken)
    assert sorted(states(study)) == ["COMPLETE"] * 5 + ["FAIL"]


def test_reported_values_are_kept_when_a_trial_is_repeated(study, tmp_path):
    def report_and_be_killed(trial):
        trial.report(0.5, step=0)
        raise KilledError

    with pytest.raises(KilledError):
        run_until(study, tmp_path, 1, report_and_be_killed)
    requeue_running(study)
    run_until(study, tmp_path, 1)
    assert finished(study)[0].intermediate_values == {0: 0.5}


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")
def test_only_the_trial_of_the_dead_worker_is_queued_again(study):
    for worker in (0, 1):
        study.ask().set_user_attr(WORKER, worker)
    requeue_running(study, worker=1)
    assert states(study) == ["RUNNING", "FAIL", "WAITING"]


def test_a_trial_without_heartbeat_is_repeated_by_another_worker(study, tmp_path):
    kill_in(study, tmp_path, 2, number=0)
    with sqlite3.connect(tmp_path / "tuning.db") as database:
        database.execute("update trial_heartbeats set heartbeat = datetime('now', '-1 hour')")
    run_until(study, tmp_path, 2, worker=1)
    assert states(study) == ["FAIL", "COMPLETE", "COMPLETE"]


def test_several_workers_never_run_too_many_trials(tmp_path):
    def in_a_thread(worker):
        study = open_study(tmp_path / "tuning.db", "study", TUNING)
        run_until(study, tmp_path, 9, worker=worker)

    open_study(tmp_path / "tuning.db", "study", TUNING)
    threads = [threading.Thread(target=in_a_thread, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    study = open_study(tmp_path / "tuning.db", "study", TUNING)
    assert states(study) == ["COMPLETE"] * 9


def test_an_error_in_a_trial_stops_the_worker_and_releases_the_lock(study, tmp_path):
    def fail(trial):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        run_until(study, tmp_path, 2, fail)
    assert states(study) == ["FAIL"]
    run_until(study, tmp_path, 2)
    assert states(study) == ["FAIL", "COMPLETE", "COMPLETE"]


@pytest.mark.parametrize(
    ("pruning", "expected"),
    [
        (MedianPruning(startup_trials=5, warmup_epochs=1), optuna.pruners.MedianPruner),
        (HalvingPruning(min_epochs=1, reduction=3), optuna.pruners.SuccessiveHalvingPruner),
        (NoPruning(), optuna.pruners.NopPruner),
    ],
)
def test_the_pruner_is_that_of_the_settings(tmp_path, pruning, expected):
    tuning = TUNING.model_copy(update={"pruning": pruning})
    assert isinstance(open_study(tmp_path / "tuning.db", "study", tuning).pruner, expected)


def test_a_study_is_kept_in_its_storage(study, tmp_path):
    run_until(study, tmp_path, 2)
    assert len(finished(open_study(tmp_path / "tuning.db", "study", TUNING))) == 2
    assert finished(open_study(tmp_path / "tuning.db", "other", TUNING)) == []
    assert all(trial.state == TrialState.COMPLETE for trial in finished(study))


def test_a_trial_that_is_killed_every_time_is_given_up(study, tmp_path):
    def objective(trial):
        value = square(trial)
        if first_attempt(trial) == 0:
            raise KilledError
        return value

    for _ in range(4):
        with pytest.raises(KilledError):
            run_until(study, tmp_path, 2, objective)
        requeue_running(study)
    run_until(study, tmp_path, 2, objective)
    assert states(study) == ["FAIL"] * 4 + ["COMPLETE"] * 2
