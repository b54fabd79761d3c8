"""Two terminals start the same two families with changing parameters, twenty times, and kill half of what they started.

Whatever happens between them: a version's file, parameters and results belong together.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from atelier.atomic_files import digest
from atelier.evaluation.results import Evaluation
from atelier.model_card import Metric
from atelier.registry.models import Registry
from atelier.registry.version import Version
from tests.families.start import start_family
from tests.helpers.projects import copy_project, kedro_in, project_environment

pytestmark = pytest.mark.system
FAMILIES = ("first_family", "second_family")
SHARPNESS = (5.0, 50.0)
STARTS = 10
"""Of each terminal."""
DATA = ("run", "--env", "test", "--pipelines", "fetch,prepare", "--nodes", "fetch.quickdraw,prepare.quickdraw")
BUSY = ("is being trained by process", "is being promoted or rolled back by", "was begun with other parameters")
"""What a process may say that finds another one at the same family."""

Expected = dict[tuple[str, float], tuple[str, Mapping[str, Metric]]]


def lifecycle(family: str, sharpness: float) -> list[str]:
    nodes = ",".join(f"{family}.{step}" for step in ("start", "train", "export", "evaluate", "register"))
    params = f"{family}.model.sharpness={sharpness}"
    return ["run", "--env", "test", "--nodes", f"{nodes},promote.{family}", "--params", params]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with both families and prepared data."""
    project = copy_project(tmp_path_factory.mktemp("terminals") / "project")
    for family in FAMILIES:
        start_family(family, project)
    kedro_in(project)(*DATA)
    return project


@pytest.fixture(scope="module")
def expected(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Expected:
    """(family, sharpness) → hash of the model and test results of an undisturbed training."""
    project = shutil.copytree(prepared, tmp_path_factory.mktemp("undisturbed") / "project", symlinks=True)
    found = {}
    for family in FAMILIES:
        folder = project / "data/test/models" / family
        for sharpness in SHARPNESS:
            kedro_in(project)(*lifecycle(family, sharpness))
            metrics = Evaluation.read(folder / "evaluation").metrics
            found[family, sharpness] = (digest(folder / "model.onnx", "sha256"), metrics)
    return found


def work(project: Path, seed: int) -> list[str]:
    """One terminal. Returns the output of the commands that failed without being killed."""
    rng, failed = random.Random(seed), []
    for _ in range(STARTS):
        command = [sys.executable, "-m", "kedro", *lifecycle(rng.choice(FAMILIES), rng.choice(SHARPNESS))]
        process = subprocess.Popen(
            command,
            cwd=project,
            env=project_environment(project),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=rng.uniform(2, 8) if rng.random() < 0.5 else 600)
            failed += [output] if process.returncode else []
        except subprocess.TimeoutExpired:  # the kill at a random moment
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return failed


def sharpness_of(registry: Registry, version: Version) -> float:
    return float(registry.client.get_run(version.run_id).data.params["model.sharpness"])


def test_twenty_random_starts_and_kills_leave_only_versions_that_belong_together(
    prepared: Path, expected: Expected, tmp_path: Path
) -> None:
    project = shutil.copytree(prepared, tmp_path / "project", symlinks=True)
    with ThreadPoolExecutor(2) as terminals:
        failed = [output for outputs in terminals.map(lambda seed: work(project, seed), (1, 2)) for output in outputs]
    assert [output for output in failed if not any(words in output for words in BUSY)] == []
    assert not any("Traceback" in output for output in failed)
    for family in FAMILIES:
        for sharpness in SHARPNESS:
            kedro_in(project)(*lifecycle(family, sharpness))
    registry = Registry(f"sqlite:///{project / 'mlflow.db'}", prefix="test-")
    for family in FAMILIES:
        versions = registry.history(family)
        assert sorted(sharpness_of(registry, version) for version in versions) == sorted(SHARPNESS)
        for version in versions:
            file, metrics = expected[family, sharpness_of(registry, version)]
            assert digest(registry.onnx(version)["model"], "sha256") == file
            assert registry.card(version).metrics == metrics
        assert registry.aliases(family)["champion"] in {version.number for version in versions}
