"""Fixtures for every test. None of them touches the developer's own runs, models or data."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.helpers.projects import Kedro, copy_project, kedro_in

if TYPE_CHECKING:
    from atelier.registry.models import Registry


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


@pytest.fixture
def registry(tmp_path: Path) -> "Registry":
    """An empty registry of its own."""
    from tests.helpers.registries import empty_registry  # loads MLflow, which most tests do without

    return empty_registry(tmp_path)


@pytest.fixture
def versions(tmp_path: Path) -> "Registry":
    """A registry with versions 1 to 4, which classify 100, 130, 160 and 110 of 200 test items correctly. No aliases."""
    from tests.helpers.registries import registry_with_versions

    return registry_with_versions(tmp_path)


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of real data named by ATELIER_MIRROR; tests that need it are skipped without."""
    folder = os.environ.get("ATELIER_MIRROR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real data: set ATELIER_MIRROR to a folder that holds quickdraw/")
    return Path(folder)
