"""Fixtures for every test. None of them touches the developer's own runs, models or data."""

import os
from pathlib import Path

import pytest

from tests.support import Kedro, copy_project, kedro_in


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An untouched project folder."""
    return copy_project(tmp_path / "project")


@pytest.fixture
def kedro(project: Path) -> Kedro:
    return kedro_in(project)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which `kedro run --env test` went through. Copy before changing anything in it."""
    project = copy_project(tmp_path_factory.mktemp("finished") / "project")
    kedro_in(project)("run", "--env", "test")
    return project


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of real data named by ATELIER_MIRROR; tests that need it are skipped without."""
    folder = os.environ.get("ATELIER_MIRROR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real data: set ATELIER_MIRROR to a folder that holds quickdraw/")
    return Path(folder)
