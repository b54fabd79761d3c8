"""The steps of the workflows `ci` and `audit`, run in a clean clone. Those of `retrain` run in `test_retrain`.

What a step starts is real where it takes seconds: make, ruff, import-linter, the search for secrets, the report on
coverage. In the place of pytest is one that only reads its options and one file of tests, since all tests include this
one. mypy, Kedro, pip-audit and what installs packages are only recorded: they take minutes or need a network.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.projects import ROOT, project_environment
from tests.helpers.workflows import WORKFLOWS, jobs_of, run_step

pytestmark = pytest.mark.system
BIN = Path(sys.executable).parent
REAL = ("ruff", "lint-imports", "detect-secrets-hook", "coverage")
RECORDED = ("mypy", "kedro", "pip-audit", "pip", "sudo")
RECORDER = '#!/bin/sh\necho "$(basename "$0") $*" >> "$CALLS"\n'
PYTEST = f"""{RECORDER}"{sys.executable}" -m pytest "$@" --collect-only -q tests/test_documents.py
code=$?
"{BIN}/coverage" run -m atelier.metric_names
[ $code -eq 0 ] || [ $code -eq 5 ]  # 5: the selection has none of the tests in this file
"""
JOBS = [
    pytest.param(steps, id=f"{workflow.stem}-{job}")
    for workflow in WORKFLOWS
    if workflow.stem != "retrain"
    for job, steps in jobs_of(workflow).items()
]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_steps_are_valid_shell_without_expressions_and_name_targets_of_make(workflow: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for step in (step for steps in jobs_of(workflow).values() for step in steps):
        assert "${{" not in step["run"]  # a value from outside would be run as code
        subprocess.run(["bash", "-n", "-c", step["run"]], check=True)
        for line in filter(str.strip, step["run"].splitlines()):
            words = line.split()
            targets = [word for word in words[1:] if word.islower() and word.replace("-", "").isalpha()]
            assert words[0] != "make" or all(f"\n{target}:" in makefile for target in targets), line


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit of all files that git does not ignore, with the environment of the tests as `.venv`."""
    project = tmp_path_factory.mktemp("workflows") / "project"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("This folder is no working tree of git.")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, project / name)
    for arguments in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=project, check=True)
    tools = project / ".venv/bin"
    tools.mkdir(parents=True)
    scripts = {name: f'#!/bin/sh\nexec "{BIN / name}" "$@"\n' for name in REAL}
    for name, script in {**scripts, **dict.fromkeys(RECORDED, RECORDER), "pytest": PYTEST}.items():
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    (tools / ".installed").touch()
    return project


@pytest.mark.parametrize("steps", JOBS)
def test_every_step_of_a_job_succeeds(steps: list[dict[str, str]], clone: Path, tmp_path: Path) -> None:
    calls, summary = tmp_path / "calls", tmp_path / "summary.md"
    environment = project_environment(clone, CALLS=str(calls), GITHUB_STEP_SUMMARY=str(summary))
    environment["PATH"] = f"{clone / '.venv/bin'}{os.pathsep}{environment['PATH']}"
    for step in steps:
        run_step(step, clone, environment)
    assert calls.read_text()  # every job gets as far as what takes long
    if any("GITHUB_STEP_SUMMARY" in step["run"] for step in steps):
        assert "TOTAL" in summary.read_text()
