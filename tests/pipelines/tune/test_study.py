import sqlite3
import threading

import optuna
import pytest
from optuna.trial import TrialState

from pipelines.lifecycle.tuning import HalvingPruning, MedianPruning, NoPruning, TuningSettings
from pipelines.tune import study as module
from pipelines.tune.study import WORKER, finished, open_study, take_back, work

TUNING = TuningSettings.model_validate(
    {"metric": "value", "space": {"x": {"kind": "float", "low": 0, "high": 1}}, "startup_trials": 2}
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
    """Like kill -9: nobody gets to say that the trial has ended."""


def states(study):
    return [trial.state.name for trial in study.get_trials(deepcopy=False)]


def drawn(study):
    return [trial.params["x"] for trial in finished(study)]


def work_on(study, tmp_path, trials, objective=square, worker=0):
    work(study, TUNING, trials, worker, objective, tmp_path / "claim.lock")


def be_killed_in(study, tmp_path, trials, number):
    """Work until trial `number` has drawn its values, and leave it running."""

    def objective(trial):
        value = square(trial)
        if trial.number == number:
            raise KilledError
        return value

    with pytest.raises(KilledError):
        work_on(study, tmp_path, trials, objective)


def test_as_many_trials_as_asked_for_and_more_when_asked_again(study, tmp_path):
    work_on(study, tmp_path, 3)
    work_on(study, tmp_path, 3)
    assert states(study) == ["COMPLETE"] * 3
    work_on(study, tmp_path, 5)
    assert states(study) == ["COMPLETE"] * 5


def test_pruned_trials_count(study, tmp_path):
    def prune_every_other(trial):
        value = square(trial)
        if trial.number % 2:
            raise optuna.TrialPruned
        return value

    work_on(study, tmp_path, 4, prune_every_other)
    assert states(study) == ["COMPLETE", "PRUNED"] * 2


@pytest.mark.parametrize("number", [0, 1, 3])
def test_study_that_was_killed_ends_as_the_unbroken_one(tmp_path, number):
    unbroken = open_study(tmp_path / "unbroken.db", "study", TUNING)
    work_on(unbroken, tmp_path, 5)
    study = open_study(tmp_path / "killed.db", "study", TUNING)
    be_killed_in(study, tmp_path, 5, number)
    study = open_study(tmp_path / "killed.db", "study", TUNING)
    take_back(study)
    work_on(study, tmp_path, 5)
    assert drawn(study) == drawn(unbroken)
    assert sorted(states(study)) == ["COMPLETE"] * 5 + ["FAIL"]


def test_reported_values_go_on_with_the_trial(study, tmp_path):
    def report_and_be_killed(trial):
        trial.report(0.5, step=0)
        raise KilledError

    with pytest.raises(KilledError):
        work_on(study, tmp_path, 1, report_and_be_killed)
    take_back(study)
    work_on(study, tmp_path, 1)
    assert finished(study)[0].intermediate_values == {0: 0.5}


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")
def test_only_the_dead_workers_trial_is_taken_back(study):
    for worker in (0, 1):
        study.ask().set_user_attr(WORKER, worker)
    take_back(study, worker=1)
    assert states(study) == ["RUNNING", "FAIL", "WAITING"]


def test_trial_without_heartbeat_is_taken_up_by_another_worker(study, tmp_path):
    be_killed_in(study, tmp_path, 2, number=0)
    with sqlite3.connect(tmp_path / "tuning.db") as database:
        database.execute("update trial_heartbeats set heartbeat = datetime('now', '-1 hour')")
    work_on(study, tmp_path, 2, worker=1)
    assert states(study) == ["FAIL", "COMPLETE", "COMPLETE"]


def test_workers_side_by_side_never_do_too_many(tmp_path):
    def in_a_thread(worker):
        study = open_study(tmp_path / "tuning.db", "study", TUNING)
        work_on(study, tmp_path, 9, worker=worker)

    open_study(tmp_path / "tuning.db", "study", TUNING)
    threads = [threading.Thread(target=in_a_thread, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    study = open_study(tmp_path / "tuning.db", "study", TUNING)
    assert states(study) == ["COMPLETE"] * 9


def test_error_in_a_trial_stops_the_worker_and_frees_the_claim(study, tmp_path):
    def fail(trial):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        work_on(study, tmp_path, 2, fail)
    assert states(study) == ["FAIL"]
    work_on(study, tmp_path, 2)
    assert states(study) == ["FAIL", "COMPLETE", "COMPLETE"]


@pytest.mark.parametrize(
    ("pruning", "expected"),
    [
        (MedianPruning(), optuna.pruners.MedianPruner),
        (HalvingPruning(), optuna.pruners.SuccessiveHalvingPruner),
        (NoPruning(), optuna.pruners.NopPruner),
    ],
)
def test_pruner_is_the_one_in_the_settings(tmp_path, pruning, expected):
    tuning = TUNING.model_copy(update={"pruning": pruning})
    assert isinstance(open_study(tmp_path / "tuning.db", "study", tuning).pruner, expected)


def test_state_is_kept_between_openings(study, tmp_path):
    work_on(study, tmp_path, 2)
    assert len(finished(open_study(tmp_path / "tuning.db", "study", TUNING))) == 2
    assert finished(open_study(tmp_path / "tuning.db", "other", TUNING)) == []
    assert all(trial.state == TrialState.COMPLETE for trial in finished(study))
