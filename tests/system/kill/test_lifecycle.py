"""`kedro run`, killed in one step after the other, ends where the unbroken run ends."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.lifecycle.families import FAMILIES
from tests.helpers.projects import kedro_in, project_environment

pytestmark = pytest.mark.system
MODELS = Path("data/test/models")
CHECKPOINTS = {
    "quickdraw_classifier": "*.ckpt",
    "quickdraw_gan": "*.index",
    "fast_style": "*.index",
    "arbitrary_style": "*.ckpt",
}
MILESTONES = [
    f"{family}/{product}"
    for family, checkpoint in CHECKPOINTS.items()
    for product in (f"checkpoint/{checkpoint}", "model.onnx", "evaluation/items.npz", "card.json")
]
"""What appears in the jobs' folders during train, export, evaluate and register."""


def kill_at(project: Path, milestone: str) -> None:
    """Start the pipeline and kill it, with all its processes, as soon as the milestone is there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro", "run", "--env", "test"],
        cwd=project,
        env=project_environment(project),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    give_up = time.monotonic() + 300
    while not any((project / MODELS).glob(milestone)):
        assert process.poll() is None, f"the run ended before {milestone} was there"
        assert time.monotonic() < give_up
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()


def rows(project: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(project / "mlflow.db") as database:
        return database.execute(query).fetchall()


def test_killed_in_every_step_nothing_is_lost_and_the_result_is_the_same(finished: Path, project: Path) -> None:
    for milestone in MILESTONES:
        kill_at(project, milestone)
    kedro_in(project)("run", "--env", "test")

    assert set(CHECKPOINTS) == set(FAMILIES)
    for name in FAMILIES:
        results = MODELS / name / "evaluation/metrics.json"
        assert (project / results).read_bytes() == (finished / results).read_bytes(), name
        assert json.loads((project / MODELS / name / "version.json").read_text())["number"] == 1
    history = "select key, step, value from metrics where key not in ('samples_per_s') order by key, step, value"
    assert rows(project, history) == rows(finished, history)
    assert rows(project, "select status from runs") == [("FINISHED",)] * len(FAMILIES)
    assert rows(project, "select alias, version from registered_model_aliases") == [("champion", 1)] * len(FAMILIES)
