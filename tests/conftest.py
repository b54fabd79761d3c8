"""Fixtures for all tests. None of them touches the developer's own runs, models or data."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from tests.helpers.projects import FAMILY_ON_EACH_CORE, Kedro, copy_project, home_folder, kedro_in

if TYPE_CHECKING:
    from atelier.registry.models import Registry


def pytest_configure() -> None:
    """Give every process of pytest-xdist, and what it starts, one thread: more would compete for the same cores."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ.setdefault(name, "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all processes of pytest-xdist busy.

    Short tests stand at the end, because they are shared out evenly. One module that needs `finished` stands at the
    start: one process makes it while the others run slow tests that do without.
    """
    first = next((item.path for item in items if "finished" in _fixtures(item)), None)

    def position(item: pytest.Item) -> int:
        if item.path == first:
            return 0
        if item.get_closest_marker("system") is None:
            return 3
        return 2 if "finished" in _fixtures(item) else 1

    items.sort(key=position)


def _fixtures(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new project folder, in which nothing has run."""
    return copy_project(tmp_path / "project")


@pytest.fixture
def kedro(project: Path) -> Kedro:
    return kedro_in(project)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which `kedro run --env test` has finished. Do not write into it; use `copied` for that.

    It is made once, by the first process of pytest-xdist that needs it; the others wait.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each process has a temporary folder of its own below it
    project, done = shared / "finished", shared / "finished.done"
    with FileLock(shared / "finished.lock"):
        if not done.exists():
            shutil.rmtree(project, ignore_errors=True)  # left behind by another process, whose run failed
            command = ("run", "--env", "test", *FAMILY_ON_EACH_CORE)
            kedro_in(copy_project(project))(*command, **home_folder(shared / "person"))
            done.touch()
    return project


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project, to be changed by the test."""
    return shutil.copytree(finished, tmp_path / "project", symlinks=True)


@pytest.fixture
def registry(tmp_path: Path) -> "Registry":
    """An empty model registry."""
    from tests.helpers.registries import empty_registry  # loads MLflow, which most tests do without

    return empty_registry(tmp_path)


@pytest.fixture
def versions(tmp_path: Path) -> "Registry":
    """A registry with versions 1 to 4, which classify 100, 130, 160 and 110 of 200 test items correctly. No aliases."""
    from tests.helpers.registries import registry_with_versions

    return registry_with_versions(tmp_path)


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of real data that ATELIER_MIRROR names; without it, tests that need it are skipped."""
    folder = os.environ.get("ATELIER_MIRROR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real data: set ATELIER_MIRROR to a folder that holds quickdraw/")
    return Path(folder)
