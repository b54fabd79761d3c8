import os
import subprocess
from contextlib import contextmanager

import pytest

from atelier.errors import AtelierError
from pipelines.tune import workers as module
from pipelines.tune.plan import Plan
from pipelines.tune.study import WORKER, open_study
from pipelines.tune.workers import Crew, run_study, study_lock


@pytest.fixture
def crew_of(plan_of, tmp_path, monkeypatch):
    """A crew whose workers are shell scripts, called with what a worker is called with."""
    real = subprocess.Popen

    @contextmanager
    def make(script, workers=1):
        plan = plan_of(workers=workers)
        shell = ["/bin/sh", "-c", script]
        monkeypatch.setattr(module.subprocess, "Popen", lambda command, **rest: real([*shell, *command], **rest))
        study = open_study(plan.storage, plan.study, plan.tuning)
        with study_lock(tmp_path) as lock, Crew(plan, tmp_path, study, lock) as crew:
            yield crew, study

    return make


def work(crew):
    while crew.is_working():
        pass


def test_a_second_search_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_S", 0)
    folder = tmp_path / "new" / "study"
    with study_lock(folder), pytest.raises(AtelierError, match="Another process"):
        study_lock(folder).__enter__()


def test_a_complete_study_is_opened_without_workers(plan_of, tmp_path, monkeypatch):
    plan = plan_of(trials=1)
    open_study(plan.storage, plan.study, plan.tuning).optimize(lambda trial: 1.0, n_trials=1)
    monkeypatch.setattr(Crew, "is_working", lambda crew: pytest.fail("a worker was started"))
    with study_lock(tmp_path) as lock:
        assert len(run_study(plan, tmp_path, lock, report=pytest.fail).trials) == 1
    assert Plan.read(tmp_path) == plan


def test_a_worker_s_error_is_told_in_its_own_words(crew_of):
    error = r"A trial failed: no luck \(see .*worker-0\.log\)"
    with crew_of("echo 'error: no luck' >&2; exit 1") as (crew, _), pytest.raises(AtelierError, match=error):
        work(crew)


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")
def test_killed_workers_are_replaced_so_many_times_and_their_trials_queued_again(crew_of):
    with crew_of("kill -9 $$") as (crew, study):
        study.ask().set_user_attr(WORKER, 0)
        with pytest.raises(AtelierError, match=r"killed 6 times, last by signal 9.*memory"):
            work(crew)
    assert [trial.state.name for trial in study.trials] == ["FAIL", "WAITING"]


def test_workers_know_number_and_parent_and_share_the_cores(crew_of, tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.processes.locks.cores", lambda: 5)
    with crew_of("echo $4 $5 $OMP_NUM_THREADS", workers=2) as (crew, _):
        work(crew)
    said = [(tmp_path / f"worker-{number}.log").read_text().split() for number in (0, 1)]
    assert said == [["0", str(os.getpid()), "2"], ["1", str(os.getpid()), "2"]]
