"""`kedro run --pipelines augment`, as a user types it, after a whole run has made both champions."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.helpers.processes import wait_until
from tests.helpers.projects import Kedro, kedro_in, project_environment

pytestmark = pytest.mark.system
COMMAND = ("run", "--env", "test", "--pipelines", "augment", "--params", "augment.workers=2")


def results(project: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((project / "data/test/augment/augmentation.json").read_text())
    return found


def checkpoints(project: Path) -> list[Path]:
    return list((project / "data/test/augment/runs").glob("*/checkpoint/*.ckpt"))


def test_a_killed_experiment_leaves_no_worker_and_ends_as_the_unbroken_one(copied: Path, tmp_path: Path) -> None:
    shutil.copytree(copied, tmp_path / "unbroken", symlinks=True)
    command = [sys.executable, "-m", "kedro", *COMMAND]
    with subprocess.Popen(command, cwd=copied, env=project_environment(copied), stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: checkpoints(copied), process)
        workers = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGKILL)
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    done = kedro_in(copied)(*COMMAND)
    kedro_in(tmp_path / "unbroken")(*COMMAND)
    assert "at 20 drawings a class" in done.stdout
    assert checkpoints(copied) == []
    assert results(copied) == results(tmp_path / "unbroken")


def test_without_champions_the_commands_that_make_them_are_named(copied: Path) -> None:
    (copied / "mlflow.db").unlink()
    done = kedro_in(copied)(*COMMAND, check=False)
    assert done.returncode != 0
    assert "kedro run --pipelines quickdraw_gan,promote" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("wrong", ["augment.confidance=0.5", "augment.confidence=5"])
def test_a_wrong_parameter_is_explained_before_anything_runs(kedro: Kedro, project: Path, wrong: str) -> None:
    done = kedro("run", "--env", "test", "--pipelines", "augment", "--params", wrong, check=False)
    assert done.returncode != 0
    assert wrong.partition("=")[0].removeprefix("augment.") in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (project / "data").exists()
