"""kill -9 of a worker, and of the whole search, in the middle of a study: it goes on and ends as the unbroken one."""

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
from pipelines.tune.plan import Plan
from pipelines.tune.study import open_study
from pipelines.tune.workers import run_study, study_lock
from tests.helpers.forked_processes import ended, start
from tests.helpers.registries import empty_registry
from tests.helpers.search_family import make_plan, write_family

pytestmark = pytest.mark.system

EPOCHS, TRIALS = 3, 5


def search(folder: Path) -> None:
    """What `kedro run --pipelines tune` does, without Kedro: take up the study's run, and work."""
    sys.path.insert(0, str(folder))
    plan = Plan.read(folder / "plan")
    with study_lock(folder / "study") as lock, open_run(plan.tracking_uri, "atelier/fake", "tune/study") as run:
        run_study(plan.model_copy(update={"run_id": run.run_id}), folder / "study", lock, report=print)


def begin(folder: Path, slow: bool = True, **changes: object) -> BaseProcess:
    """Start a search in a process of its own."""
    write_plan(folder, **changes)
    if slow:
        (folder / "slow").touch()
    return start(search, folder)


def hurry(folder: Path) -> None:
    """Epochs that begin from now on take no time."""
    (folder / "slow").unlink()


def write_plan(folder: Path, **changes: object) -> None:
    folder.mkdir(exist_ok=True)
    write_family(folder)
    uri = empty_registry(folder).uri
    plan = make_plan(
        folder, tracking_uri=uri, settings={"training": {"epochs": EPOCHS}}, **{"trials": TRIALS, **changes}
    )
    plan.write(folder / "plan")


def trials(folder: Path) -> list[tuple[int, str]]:
    """(number, state) of all trials, read past Optuna."""
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
    """So many trials are finished, and one has its first epoch behind it."""
    done = states(folder)["COMPLETE"] + states(folder)["PRUNED"]
    return done >= finished and any((folder / "study" / "trials").glob("*/epoch"))


def workers_of(process: BaseProcess) -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(process.pid).children()
        if "pipelines.tune.worker" in " ".join(child.cmdline())
    ]


def results(folder: Path) -> list[tuple[float, float]]:
    """(x, value) of the complete trials, in order."""
    plan = Plan.read(folder / "plan")
    study = open_study(plan.storage, plan.study, plan.tuning)
    return [(trial.params["training.x"], trial.value) for trial in study.trials if trial.state.name == "COMPLETE"]


def mlflow_runs(folder: Path) -> list[tuple[str, str]]:
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("atelier/fake")
    assert experiment is not None
    return [(run.info.run_name, run.info.status) for run in client.search_runs([experiment.experiment_id])]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[float, float]]:
    folder = tmp_path_factory.mktemp("unbroken")
    assert ended(begin(folder, slow=False)) == 0
    assert states(folder) == {"COMPLETE": TRIALS}
    return results(folder)


def test_killed_search_goes_on_and_ends_as_the_unbroken_one(
    tmp_path: Path, unbroken: list[tuple[float, float]]
) -> None:
    process = begin(tmp_path)
    wait_until(process, lambda: mid_trial(tmp_path, finished=2))
    orphans = workers_of(process)
    process.kill()
    assert ended(process) == -signal.SIGKILL
    assert orphans
    assert states(tmp_path)["RUNNING"] == 1
    hurry(tmp_path)
    assert ended(start(search, tmp_path)) == 0
    assert not any(orphan.is_running() for orphan in orphans)
    assert states(tmp_path) == {"COMPLETE": TRIALS, "FAIL": 1}
    assert results(tmp_path) == unbroken
    runs = mlflow_runs(tmp_path)
    assert Counter(status for _, status in runs) == {"FINISHED": TRIALS + 1}  # the search's own, and one a trial


def test_killed_worker_is_replaced_and_its_trial_goes_on(tmp_path: Path, unbroken: list[tuple[float, float]]) -> None:
    process = begin(tmp_path)
    wait_until(process, lambda: mid_trial(tmp_path, finished=1) and workers_of(process))
    workers_of(process)[0].send_signal(signal.SIGKILL)
    hurry(tmp_path)
    assert ended(process) == 0
    assert states(tmp_path) == {"COMPLETE": TRIALS, "FAIL": 1}
    assert results(tmp_path) == unbroken


def test_two_workers_share_a_study_though_one_is_killed(tmp_path: Path) -> None:
    process = begin(tmp_path, workers=2)
    wait_until(process, lambda: mid_trial(tmp_path, finished=1) and len(workers_of(process)) == 2)
    workers_of(process)[1].send_signal(signal.SIGKILL)
    hurry(tmp_path)
    assert ended(process) == 0
    found = states(tmp_path)
    assert found["COMPLETE"] == TRIALS
    assert set(found) <= {"COMPLETE", "FAIL"}
    assert {status for _, status in mlflow_runs(tmp_path)} == {"FINISHED"}


def test_trial_that_raises_stops_the_search_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    write_plan(tmp_path, tuning={"metric": "lost", "space": {"training.x": {"kind": "float", "low": 0, "high": 1}}})
    with pytest.raises(AtelierError, match="logs no 'lost'"):
        search(tmp_path)
