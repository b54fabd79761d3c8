"""kill -9 of a worker, and of the whole search, in the middle of a study: it resumes and ends as the unbroken one."""

import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import pytest
from mlflow import MlflowClient

from atelier.errors import AtelierError
from atelier.registry.tracking.run import open_run
from pipelines.processes import pool
from pipelines.tune import study
from pipelines.tune.study import open_study
from pipelines.tune.study_spec import StudySpec
from pipelines.tune.workers import run_study, study_lock
from tests.helpers.forked_processes import ended, start
from tests.helpers.forked_workers import ForkedWorkers
from tests.helpers.registries import empty_registry
from tests.helpers.search_family import PACKAGE, make_spec, write_family
from tests.helpers.tuning import make_tuning

pytestmark = pytest.mark.system

EPOCHS, TRIALS = 3, 5


def search(folder: Path) -> None:
    """What `kedro run --pipelines tune` does, without Kedro: resume the study's MLflow run, and run trials."""
    sys.path.insert(0, str(folder))
    pool._POLL_S = study._POLL_S = 0.02
    spec = StudySpec.read(folder / "spec")
    with study_lock(folder / "study", "fake") as lock, open_run(spec.tracking_uri, "atelier/fake", "tune/study") as run:
        run_study(spec.model_copy(update={"run_id": run.run_id}), folder / "study", lock, report=print)


def search_forked(folder: Path) -> None:
    """The same, with workers that start faster."""
    pool._POLL_S = study._POLL_S = 0.02  # before the workers are forked
    sys.path.insert(0, str(folder))
    pool.Popen = ForkedWorkers(4)  # type: ignore[misc,assignment]
    search(folder)


def search_in_vain(folder: Path) -> None:
    """The same, for a study whose trials fail."""
    with pytest.raises(AtelierError, match="logs no 'lost'"):
        search_forked(folder)


def begin(folder: Path, hold_from: int, run: Callable[[Path], None] = search_forked, **changes: object) -> BaseProcess:
    """Start a search in a process of its own; trials from number `hold_from` on wait after their first epoch."""
    write_spec(folder, **changes)
    (folder / PACKAGE / "hold").write_text(str(hold_from))
    return start(run, folder)


def release_trials(folder: Path) -> None:
    """Let the trials that wait train on."""
    (folder / PACKAGE / "hold").unlink()


def write_spec(folder: Path, **changes: object) -> None:
    folder.mkdir(exist_ok=True)
    write_family(folder)
    uri = empty_registry(folder).uri
    spec = make_spec(
        folder, tracking_uri=uri, settings={"training": {"epochs": EPOCHS}}, **{"trials": TRIALS, **changes}
    )
    spec.write(folder / "spec")


def trials(folder: Path) -> list[tuple[int, str]]:
    """(number, state) of all trials, read without Optuna."""
    with closing(sqlite3.connect(folder / "tuning.db")) as database:
        try:
            return database.execute("select number, state from trials order by number").fetchall()
        except sqlite3.OperationalError:  # no table yet
            return []


def states(folder: Path) -> Counter[str]:
    return Counter(state for _, state in trials(folder))


def wait_until(process: BaseProcess, condition: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert process.is_alive(), "the search ended too early"
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def mid_trial(folder: Path, finished: int) -> bool:
    """Whether so many trials are finished, and another one has finished its first epoch."""
    done = states(folder)["COMPLETE"] + states(folder)["PRUNED"]
    return done >= finished and any((folder / "study" / "trials").glob("*/epoch"))


def workers_of(process: BaseProcess) -> list[psutil.Process]:
    """Worker processes that were started, real ones."""
    return [
        child
        for child in psutil.Process(process.pid).children()
        if "pipelines.tune.worker" in " ".join(child.cmdline())
    ]


def forked_workers(folder: Path) -> list[psutil.Process]:
    """Worker processes that were started, forked ones, in the order of their numbers."""
    pids = [int(path.read_text() or 0) for path in sorted((folder / "study").glob("worker-*.pid"))]
    return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]


def results(folder: Path) -> list[tuple[float, float]]:
    """(x, value) of the complete trials, in order."""
    spec = StudySpec.read(folder / "spec")
    found = open_study(spec.storage, spec.study, spec.tuning)
    return [(trial.params["training.x"], trial.value) for trial in found.trials if trial.state.name == "COMPLETE"]


def mlflow_runs(folder: Path) -> list[tuple[str, str]]:
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("atelier/fake")
    assert experiment is not None
    return [(run.info.run_name, run.info.status) for run in client.search_runs([experiment.experiment_id])]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[float, float]]:
    folder = tmp_path_factory.mktemp("unbroken")
    assert ended(begin(folder, hold_from=TRIALS)) == 0
    assert states(folder) == {"COMPLETE": TRIALS}
    return results(folder)


def test_a_killed_search_resumes_and_ends_as_the_unbroken_one(
    tmp_path: Path, unbroken: list[tuple[float, float]]
) -> None:
    process = begin(tmp_path, hold_from=2, run=search)
    wait_until(process, lambda: mid_trial(tmp_path, finished=2))
    orphans = workers_of(process)
    process.kill()
    assert ended(process) == -signal.SIGKILL
    assert orphans
    assert states(tmp_path)["RUNNING"] == 1
    resumed = start(search_forked, tmp_path)  # it waits for the lock, which the orphans hold
    assert psutil.wait_procs(orphans, timeout=60)[1] == []
    release_trials(tmp_path)
    assert ended(resumed) == 0
    assert states(tmp_path) == {"COMPLETE": TRIALS, "FAIL": 1}
    assert results(tmp_path) == unbroken
    runs = mlflow_runs(tmp_path)
    assert Counter(status for _, status in runs) == {"FINISHED": TRIALS + 1}  # one of the search, one of each trial


def test_a_killed_worker_is_replaced_and_its_trial_resumes(tmp_path: Path, unbroken: list[tuple[float, float]]) -> None:
    process = begin(tmp_path, hold_from=1)
    wait_until(process, lambda: mid_trial(tmp_path, finished=1) and forked_workers(tmp_path))
    forked_workers(tmp_path)[0].send_signal(signal.SIGKILL)
    release_trials(tmp_path)
    assert ended(process) == 0
    assert states(tmp_path) == {"COMPLETE": TRIALS, "FAIL": 1}
    assert results(tmp_path) == unbroken


def test_two_workers_finish_a_study_though_one_is_killed(tmp_path: Path) -> None:
    process = begin(tmp_path, hold_from=1, workers=2)
    wait_until(process, lambda: mid_trial(tmp_path, finished=1) and len(forked_workers(tmp_path)) == 2)
    forked_workers(tmp_path)[1].send_signal(signal.SIGKILL)
    release_trials(tmp_path)
    assert ended(process) == 0
    found = states(tmp_path)
    assert found["COMPLETE"] == TRIALS
    assert set(found) <= {"COMPLETE", "FAIL"}
    assert {status for _, status in mlflow_runs(tmp_path)} == {"FINISHED"}


def test_a_trial_that_raises_stops_the_search_with_its_message(tmp_path: Path) -> None:
    assert ended(begin(tmp_path, hold_from=TRIALS, run=search_in_vain, tuning=make_tuning(metric="lost"))) == 0
