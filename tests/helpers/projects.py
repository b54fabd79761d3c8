"""Project folders for tests that run whole commands, and the environment of these commands."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT_PARTS = ("conf", "src", "pyproject.toml", "bentofile.yaml", "dvc.yaml", ".telemetry")

FAMILY_ON_EACH_CORE = ("--runner", "pipelines.runner.FamiliesRunner")
"""Arguments of `kedro run`, as `make run` has them."""

Kedro = Callable[..., subprocess.CompletedProcess[str]]


def copy_project(target: Path) -> Path:
    """Copy code and configuration, and nothing else, into a new project folder."""
    target.mkdir(parents=True)
    for part in PROJECT_PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "local"))
        elif source.exists():
            shutil.copy2(source, target / part)
    return target


def project_environment(project: Path, **extra: str) -> dict[str, str]:
    """Environment variables for a process in `project`: it uses the MLflow and BentoML stores of this project."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "KEDRO_"))}
    return inherited | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project / "src"),
        "BENTOML_HOME": str(project / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "DO_NOT_TRACK": "1",
        "COLUMNS": "160",
        **extra,
    }


def home_folder(folder: Path) -> dict[str, str]:
    """Environment variables for a process whose user has `folder` as home folder.

    The tools of Rust stay where they are: rustup, which starts them, writes settings into a home folder that has none.
    pip, for one, asks `rustc` for its version.
    """
    folder.mkdir(exist_ok=True)
    names = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    rust = {f"{name.upper()}_HOME": str(Path.home() / f".{name}") for name in ("rustup", "cargo")}
    return dict.fromkeys(names, str(folder)) | {name: os.environ.get(name, path) for name, path in rust.items()}


def kedro_in(project: Path) -> Kedro:
    """A function that calls `kedro` in a project. When it fails, so does the test, unless `check=False`."""

    def kedro(*arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "kedro", *arguments],
            cwd=project,
            env=project_environment(project, **environment),
            capture_output=True,
            text=True,
            timeout=900,
        )
        if check and done.returncode:
            pytest.fail(f"kedro {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    return kedro


def replace_in(path: Path, old: str, new: str) -> None:
    """Replace the first place in a file where a text stands."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
