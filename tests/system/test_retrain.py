"""The workflow `retrain`, its steps run in a clean clone as GitHub runs them: train, nothing to do, a worse model."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.projects import ROOT, copy_project, project_environment, replace_in
from tests.helpers.workflows import jobs_of, run_step

pytestmark = pytest.mark.system
FAMILY = "quickdraw_classifier"
GH = '#!/bin/sh\necho "$@" >> gh.log\ncat comment.md >> gh.log\n'


@dataclass
class Clone:
    """A clone of the project as GitHub's runner has it."""

    project: Path

    def run(self, event: str, number: int) -> str:
        """Run the steps of the workflow for this event; returns what they wrote into the summary."""
        conditions = {
            None: True,
            "always()": True,
            "always() && github.event_name == 'pull_request' && "
            "github.event.pull_request.head.repo.full_name == github.repository": event == "pull_request",
            "github.event_name != 'pull_request'": event != "pull_request",
        }
        summary = self.project.parent / f"summary-{number}.md"
        github = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_RUN_ID": str(number), "GITHUB_RUN_ATTEMPT": "1"}
        github |= {"PULL_REQUEST": "7"}
        inputs = {"ENV": "test", "FAMILIES": FAMILY, "DVC_REMOTE": str(self.project.parent / "remote")}
        secrets = {"MLFLOW_TRACKING_URI": "", "MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": ""}
        environment = project_environment(self.project, **github, **inputs, **secrets)
        environment["PATH"] = f"{self.project.parent}{os.pathsep}{environment['PATH']}"
        for step in jobs_of(ROOT / ".github/workflows/retrain.yml")["retrain"]:
            if conditions[step.get("if")]:
                run_step(step, self.project, environment)
        return summary.read_text()

    @property
    def calls(self) -> str:
        """What the steps called `gh` with, and the texts that they gave it."""
        log = self.project / "gh.log"
        return log.read_text() if log.exists() else ""

    def change(self, old: str, new: str) -> None:
        """Change a parameter of the family, and commit it."""
        replace_in(self.project / f"conf/test/parameters_{FAMILY}.yml", old, new)
        git(self.project, "commit", "--quiet", "--all", "--message", "Parameters")


def git(project: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def retrained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Clone, str]:
    """A clean clone in which the workflow has run once, by hand. The tests go on in copies of it."""
    folder = tmp_path_factory.mktemp("retrain")
    source, clone = copy_project(folder / "source"), Clone(folder / "project")
    for part in ("Makefile", "requirements.lock", ".gitignore", ".dvcignore"):
        shutil.copy(ROOT / part, source)
    shutil.copytree(ROOT / ".dvc", source / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp", "config.local"))
    git(source, "init", "--quiet", "--initial-branch=main")
    git(source, "add", ".")
    git(source, "commit", "--quiet", "--message", "All")
    git(folder, "clone", "--quiet", "--bare", "source", "origin")
    git(folder, "clone", "--quiet", "origin", "project")
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    installed = clone.project / ".venv/bin"
    installed.mkdir(parents=True)
    (installed / "dvc").symlink_to(Path(sys.executable).with_name("dvc"))
    (installed / ".installed").touch()
    return clone, clone.run("workflow_dispatch", 1)


@pytest.fixture
def again(retrained: tuple[Clone, str], tmp_path: Path) -> Clone:
    shutil.copytree(retrained[0].project.parent, tmp_path / "all", symlinks=True)
    (tmp_path / "all/project/gh.log").unlink()
    return Clone(tmp_path / "all/project")


def test_in_a_clean_clone_the_model_is_trained_served_reported_and_its_hashes_proposed(
    retrained: tuple[Clone, str],
) -> None:
    clone, summary = retrained
    assert f"{FAMILY}: v1 promoted." in summary
    assert "There was no champion, and every floor and budget holds." in summary
    assert (clone.project / f"data/test/reports/{FAMILY}/comparison.html").exists()
    assert "pr create --title Retraining, env test" in clone.calls
    assert f"lifecycle@{FAMILY}" in git(clone.project.parent / "origin", "show", "retrain/1-1:dvc.lock")
    assert any((clone.project.parent / "remote").rglob("*"))
    served = (clone.project / "data/test/reports/smoke_test.log").read_text()
    assert "/classify_drawing" in served


def test_a_second_time_there_is_nothing_to_do(again: Clone) -> None:
    lock = (again.project / "dvc.lock").read_text()
    summary = again.run("schedule", 2)
    assert summary.splitlines()[2::2] == [
        "Nothing to train: no data, parameter or code that determines a model has changed.",
        f"Champions: {FAMILY} v1.",
        summary.splitlines()[6],
    ]
    assert (again.project / "dvc.lock").read_text() == lock
    assert again.calls == ""


def test_a_worse_challenger_is_kept_out_and_the_pull_request_is_told_why(again: Clone) -> None:
    again.change("learning_rate:", "learning_rate: 0.0000001  #")
    summary = again.run("pull_request", 3)
    assert f"{FAMILY}: v2 rejected." in summary
    assert f"Champions: {FAMILY} v1." in summary
    assert "| training.learning_rate |" in summary
    assert "pr comment 7" in again.calls
    assert "v2 is rejected. top1 is worse" in again.calls
