"""`dvc repro` as a user runs it, and raw data that are pulled from a remote."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from atelier.data.prepared.dataset import PreparedData
from tests.helpers.projects import copy_project, kedro_in, project_environment

pytestmark = pytest.mark.system


def dvc(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=project,
        env=project_environment(project),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project under DVC, set to the test environment, whose data stages have run once. The tests only read it."""
    project = copy_project(tmp_path_factory.mktemp("dvc") / "project")
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    dvc(project, "init", "--quiet")
    stages = project / "dvc.yaml"
    stages.write_text(stages.read_text().replace("env: base", "env: test"))
    dvc(project, "repro", "prepare")
    return project


@pytest.fixture
def tracked(prepared: Path, tmp_path: Path) -> Path:
    """A copy of the project, to be changed by the test."""
    return shutil.copytree(prepared, tmp_path / "project", symlinks=True)


def test_the_hash_of_the_raw_data_is_the_one_that_dvc_tracks(prepared: Path) -> None:
    stages = yaml.safe_load((prepared / "dvc.lock").read_text())["stages"]
    tracked_hash = stages["fetch@quickdraw"]["outs"][0]["md5"]
    assert PreparedData(prepared / "data/test/prepared/quickdraw").manifest.raw_hash == tracked_hash


def test_unchanged_stages_are_not_run_again(tracked: Path) -> None:
    assert "up to date" in dvc(tracked, "repro", "prepare")
    parameters = tracked / "conf/test/parameters_quickdraw.yml"
    parameters.write_text(parameters.read_text().replace("items_per_category: 120", "items_per_category: 130"))
    assert "fetch@quickdraw" in dvc(tracked, "repro", "prepare")
    counts = PreparedData(tracked / "data/test/prepared/quickdraw").manifest.counts
    assert sum(sum(split.values()) for split in counts.values()) > 3 * 120


def test_missing_raw_data_is_pulled_from_the_remote(tracked: Path, tmp_path: Path) -> None:
    dvc(tracked, "remote", "add", "-d", "store", str(tmp_path / "remote"))
    dvc(tracked, "push", "--quiet")
    before = PreparedData(tracked / "data/test/prepared/quickdraw").manifest.raw_hash
    for folder in ("data/test/raw", "data/test/prepared", ".dvc/cache"):
        shutil.rmtree(tracked / folder)
    done = kedro_in(tracked)("run", "--env", "test", "--pipelines", "fetch,prepare")
    assert (tracked / ".dvc/cache").exists(), done.stdout
    assert PreparedData(tracked / "data/test/prepared/quickdraw").manifest.raw_hash == before
