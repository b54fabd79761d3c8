import os

import pytest

from atelier.errors import AtelierError
from pipelines.processes.pool import WorkerPool
from pipelines.tune import workers as module
from pipelines.tune.study import WORKER, open_study
from pipelines.tune.study_spec import StudySpec
from pipelines.tune.workers import run_study, study_lock
from tests.helpers.shell_workers import run_as_shell_scripts

pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage")


@pytest.fixture
def run(make_study_spec, tmp_path, monkeypatch):
    """`run_study` whose workers are shell scripts."""

    def call(script, report=pytest.fail, before=lambda study: None, **changes):
        spec = make_study_spec(**changes)
        run_as_shell_scripts(monkeypatch, script)
        before(open_study(spec.storage, spec.study, spec.tuning))
        with study_lock(tmp_path, "fake") as lock:
            return run_study(spec, tmp_path, lock, report)

    return call


def test_a_second_search_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_S", 0)
    folder = tmp_path / "new" / "study"
    message = rf"Study study of family fake is being run by process {os.getpid()}"
    with study_lock(folder, "fake"), pytest.raises(AtelierError, match=message):
        study_lock(folder, "fake").__enter__()


def test_a_complete_study_is_opened_without_workers(run, make_study_spec, tmp_path, monkeypatch):
    monkeypatch.setattr(WorkerPool, "run", lambda pool, on_poll: pytest.fail("a worker was started"))
    study = run("exit 1", before=lambda study: study.optimize(lambda trial: 1.0, n_trials=1), trials=1)
    assert len(study.trials) == 1
    assert StudySpec.read(tmp_path) == make_study_spec(trials=1)


def test_trials_that_finish_are_reported_once(run, make_study_spec, tmp_path, monkeypatch):
    spec, numbers = make_study_spec(), []

    def finish_trials(pool, on_poll):
        study = open_study(spec.storage, spec.study, spec.tuning)
        for _ in range(2):
            study.optimize(lambda trial: 1.0, n_trials=1)
            on_poll()
            on_poll()

    monkeypatch.setattr(WorkerPool, "run", finish_trials)
    run("exit 1", report=lambda trial: numbers.append(trial.number))
    assert numbers == [0, 1]


def test_the_error_of_a_worker_is_raised_with_its_message(run):
    with pytest.raises(AtelierError, match=r"A trial failed: no luck \(see .*worker-0\.log\)"):
        run("echo 'error: no luck' >&2; exit 1")


def test_killed_workers_are_restarted_a_few_times_and_their_trials_queued_again(run, make_study_spec, monkeypatch):
    spec = make_study_spec()
    # The trial is begun after `run_study` has queued again whatever ran before it.
    monkeypatch.setattr(module, "requeue_running", begin_trial_before_the_first_call(module.requeue_running))
    with pytest.raises(AtelierError, match=r"killed 6 times, the last one in a trial by signal 9.*memory"):
        run("kill -9 $$")
    study = open_study(spec.storage, spec.study, spec.tuning)
    assert [trial.state.name for trial in study.trials] == ["FAIL", "WAITING"]


def begin_trial_before_the_first_call(requeue_running):
    calls = []

    def call(study, worker=None):
        requeue_running(study, worker)
        if not calls:
            study.ask().set_user_attr(WORKER, 0)
        calls.append(worker)

    return call


def test_each_worker_gets_the_folder_its_number_and_its_share_of_the_cores(run, tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.processes.cores.cores", lambda: 5)
    run("echo $4 $5 $6 $OMP_NUM_THREADS", workers=2)
    printed = [(tmp_path / f"worker-{number}.log").read_text().split() for number in (0, 1)]
    target = "pipelines.tune.worker:run_worker"
    assert printed == [[target, str(tmp_path), number, "2"] for number in ("0", "1")]
