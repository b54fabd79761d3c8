"""`kedro run`, killed in every step of a family's lifecycle, ends with the same results as an unbroken run."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.processes import wait_until
from tests.helpers.projects import kedro_in, project_environment

pytestmark = pytest.mark.system
MODELS = Path("data/test/models")
CHECKPOINTS = {"quickdraw_classifier": "*.ckpt", "quickdraw_gan": "*.index"}
"""One family for each training framework, and its checkpoint files. The second is judged by the first."""
PRODUCTS = ("model.onnx", "evaluation/items.npz", "card.json")
"""Files that appear in a model's folder during export, evaluate and register."""


def kill_when(project: Path, milestone: str, pipelines: str) -> None:
    """Start these pipelines, and kill them with all their processes as soon as a file matches `milestone`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro", "run", "--env", "test", "--pipelines", pipelines],
        cwd=project,
        env=project_environment(project),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: any((project / MODELS).glob(milestone)), process, timeout_s=300)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def rows(project: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(project / "mlflow.db") as database:
        return database.execute(query).fetchall()


@pytest.mark.parametrize("checkpoints", [CHECKPOINTS], ids="-".join)
def test_killed_in_every_step_nothing_is_lost_and_the_result_is_the_same(
    finished: Path, project: Path, checkpoints: dict[str, str]
) -> None:
    pipelines = ",".join(["fetch", "prepare", *checkpoints, "promote"])
    for family, checkpoint in checkpoints.items():
        for product in (f"checkpoint/{checkpoint}", *PRODUCTS):
            kill_when(project, f"{family}/{product}", pipelines)
    kedro_in(project)("run", "--env", "test", "--pipelines", pipelines)

    for family in checkpoints:
        results = MODELS / family / "evaluation/metrics.json"
        assert (project / results).read_bytes() == (finished / results).read_bytes(), family
        assert json.loads((project / MODELS / family / "version.json").read_text())["number"] == 1
    names = ", ".join(f"'atelier/test-{family}'" for family in checkpoints)
    history = f"""select experiments.name, key, step, value from metrics join runs using (run_uuid)
        join experiments using (experiment_id)
        where experiments.name in ({names}) and key not in ('samples_per_s', 'cpu_s')
        and key not like 'system/%' order by experiments.name, key, step, value"""
    assert rows(project, history) == rows(finished, history)
    assert rows(project, history)
    assert rows(project, "select status from runs") == [("FINISHED",)] * len(checkpoints)
    assert rows(project, "select alias, version from registered_model_aliases") == [("champion", 1)] * len(checkpoints)
