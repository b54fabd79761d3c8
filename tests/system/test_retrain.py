"""The workflow `retrain`, its steps run in a clean clone as GitHub runs them.

Data come from a mirror; DVC's remote is a bucket of a real S3 server.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from pipelines.fetch.quickdraw import fetch
from tests.helpers.data_settings import quickdraw_fetch
from tests.helpers.projects import ROOT, copy_project, project_environment, replace_in
from tests.helpers.workflows import jobs_of, run_step, variables

pytestmark = pytest.mark.system
FAMILY = "quickdraw_classifier"
CATEGORIES, ITEMS, MORE = ("circle", "house", "sun"), 120, 50
GH = '#!/bin/sh\necho "$@" >> gh.log\ncat comment.md >> gh.log\n'
BUCKET = "retrain"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
PULL_REQUEST_OF_OURS = (
    "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository"
)


@dataclass
class Clone:
    """A clone of the project as GitHub's runner has it."""

    project: Path
    store: str
    """Address of the S3 server."""
    mirror: Path
    """Its address is part of the raw data: where it changes, DVC sees other data."""

    def run(self, event: str, number: int) -> str:
        """Run the steps of the workflow for this event; returns what they wrote into the summary."""
        summary, failed = self.project.parent / f"summary-{number}.md", False
        environment = self._environment(str(summary), str(number))
        for step in jobs_of(ROOT / ".github/workflows/retrain.yml")["retrain"]:
            if not _is_run(step.get("if", ""), event, failed):
                continue
            try:
                run_step(step, self.project, environment)
            except AssertionError:
                assert step["name"] == "retrain"  # the only one that a test lets fail
                failed = True
            environment |= variables(Path(environment["GITHUB_ENV"]))
        self.failed = failed
        return summary.read_text()

    def _environment(self, summary: str, number: str) -> dict[str, str]:
        folder = self.project.parent
        github = {"GITHUB_STEP_SUMMARY": summary, "GITHUB_RUN_ID": number, "GITHUB_RUN_ATTEMPT": "1"}
        github |= {"GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "us/atelier"}
        github |= {"GITHUB_ENV": str(folder / f"variables-{number}"), "PULL_REQUEST": "7"}
        inputs = {"ENV": "", "FAMILIES": FAMILY}
        secrets = {"MLFLOW_TRACKING_URI": "", "MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": ""}
        secrets |= {"DVC_REMOTE": f"s3://{BUCKET}/store", "ATELIER_MIRROR": str(self.mirror), **KEYS}
        environment = project_environment(self.project, **github, **inputs, **secrets, AWS_ENDPOINT_URL=self.store)
        return environment | {"PATH": f"{folder}{os.pathsep}{environment['PATH']}"}

    @property
    def calls(self) -> str:
        """What the steps called `gh` with, and the texts that they gave it."""
        log = self.project / "gh.log"
        return log.read_text() if log.exists() else ""

    def change(self, old: str, new: str) -> None:
        """Change a parameter of the family, and commit it."""
        replace_in(self.project / f"conf/test/parameters_{FAMILY}.yml", old, new)
        git(self.project, "commit", "--quiet", "--all", "--message", "Parameters")


def _is_run(condition: str, event: str, failed: bool) -> bool:
    """Whether GitHub runs a step with this condition."""
    known = {
        "": True,
        PULL_REQUEST_OF_OURS: event == "pull_request",
        "github.event_name != 'pull_request'": event != "pull_request",
    }
    return known[condition.removeprefix("always()").removeprefix(" && ")] and ("always()" in condition or not failed)


def git(project: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout


def client(address: str) -> Any:
    import boto3

    names = {name.lower(): value for name, value in KEYS.items() if name != "AWS_DEFAULT_REGION"}
    return boto3.client("s3", endpoint_url=address, region_name=KEYS["AWS_DEFAULT_REGION"], **names)


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """Address of an S3 server with a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    client(address).create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


def write_mirror(folder: Path, items: int) -> None:
    """A mirror with the first so many of the sample drawings of each category."""
    settings = quickdraw_fetch(source="sample", categories=CATEGORIES, items_per_category=ITEMS + MORE)
    drawn = fetch(folder / "drawn", settings)
    mirror = folder / "mirror/quickdraw/simplified"
    mirror.mkdir(parents=True)
    for path in drawn.glob("*.ndjson"):
        lines = path.read_text().splitlines(keepends=True)
        (mirror / path.name).write_text("".join(lines[:items]))


@pytest.fixture(scope="module")
def retrained(tmp_path_factory: pytest.TempPathFactory, store: str) -> tuple[Clone, str]:
    """A clean clone in which the workflow has run once, by hand. The tests go on in copies of it."""
    folder = tmp_path_factory.mktemp("retrain")
    write_mirror(folder, ITEMS)
    source, clone = copy_project(folder / "source"), Clone(folder / "project", store, folder / "mirror")
    for part in ("Makefile", "requirements.lock", ".gitignore", ".dvcignore"):
        shutil.copy(ROOT / part, source)
    shutil.copytree(ROOT / ".dvc", source / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp", "config.local"))
    replace_in(source / "dvc.yaml", "env: base", "env: test")
    replace_in(source / "conf/test/parameters_quickdraw.yml", "items_per_category:", "source: mirror  #")
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
    return Clone(tmp_path / "all/project", retrained[0].store, retrained[0].mirror)


def test_in_a_clean_clone_the_model_is_trained_served_reported_and_its_hashes_proposed(
    retrained: tuple[Clone, str],
) -> None:
    clone, summary = retrained
    assert f"{FAMILY}: v1 promoted." in summary
    assert "There was no champion, and every floor and budget holds." in summary
    assert (clone.project / f"data/test/reports/{FAMILY}/comparison.html").exists()
    assert "pr create --title Retraining, env test" in clone.calls
    assert f"lifecycle@{FAMILY}" in git(clone.project.parent / "origin", "show", "retrain/1-1:dvc.lock")
    assert client(clone.store).list_objects_v2(Bucket=BUCKET, Prefix="store/files/md5/")["KeyCount"] > 0
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
    assert not again.failed
    assert f"Champions: {FAMILY} v1." in summary
    assert "| training.learning_rate |" in summary
    assert "pr comment 7" in again.calls
    assert (
        "With images: `retraining.html` in the artifact `reports` of https://github.example/us/atelier/" in again.calls
    )
    assert "v2 is rejected. top1 is worse" in again.calls


def test_new_drawings_in_the_mirror_are_trained_on_and_the_report_counts_them(again: Clone) -> None:
    again.mirror = again.project.parent / "mirror"
    lines = (again.project.parent / "drawn/sun.ndjson").read_text().splitlines(keepends=True)
    assert len(lines) == ITEMS + MORE
    (again.mirror / "quickdraw/simplified/sun.ndjson").write_text("".join(lines))
    summary = again.run("schedule", 4)
    found = re.search(r"quickdraw: ([\d,]+) items before, ([\d,]+) now \(\+(\d+)\)", summary)
    assert found
    assert found[3] == str(MORE)
    assert re.search(r"\| train / sun \| \d+ \| \d+ \| \+\d+ \|", summary)
    assert re.search(rf"{FAMILY}: v2 (promoted|rejected)\.", summary)
    assert "pr create" in again.calls


def test_a_failed_step_is_reported_and_the_pull_request_is_told(again: Clone) -> None:
    again.change("epochs:", "epochs: -1  #")
    summary = again.run("pull_request", 5)
    assert again.failed
    assert "**A step failed.**" in summary
    assert "training.epochs" in summary
    assert f"Champions: {FAMILY} v1." in summary
    assert "pr comment 7" in again.calls
