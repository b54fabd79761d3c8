"""The workflows of GitHub, and their `run:` steps as a runner executes them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.helpers.projects import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))

Step = dict[str, str]


def jobs_of(workflow: Path) -> dict[str, list[Step]]:
    """Job → its `run:` steps."""
    jobs: dict[str, Any] = yaml.safe_load(workflow.read_text())["jobs"]
    return {name: [step for step in job["steps"] if "run" in step] for name, job in jobs.items()}


def run_step(step: Step, project: Path, environment: Mapping[str, str], timeout: float = 900) -> None:
    """Run a step in a project, with the shell and the options of a runner."""
    command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"


def variables(file: Path) -> dict[str, str]:
    """What the steps before have written to `GITHUB_ENV` for those after them."""
    lines = file.read_text().splitlines() if file.exists() else []
    return dict(line.split("=", 1) for line in lines)
