import shutil
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from pipelines.package.bento import Bento

ROOT = Path(__file__).parents[3]
MODELS = {"family": ("family:v1", "run1")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The parts of the project that go into a bento."""
    shutil.copy(ROOT / "bentofile.yaml", tmp_path)
    shutil.copytree(ROOT / "src/atelier", tmp_path / "src/atelier")
    return tmp_path


def bento(project: Path, models: dict[str, tuple[str, str]] = MODELS) -> Bento:
    return Bento(project, "atelier", project / "bentoml", models)


def test_the_same_code_and_models_are_the_same_version(project: Path) -> None:
    assert bento(project).version == bento(project).version


def test_other_models_code_or_options_are_another_version(project: Path) -> None:
    versions = {bento(project).version, bento(project, {"family": ("family:v1", "run2")}).version}
    with (project / "src/atelier/service/page/app.js").open("a") as page:
        page.write("// changed\n")
    versions.add(bento(project).version)
    with (project / "bentofile.yaml").open("a") as options:
        options.write("# changed\n")
    versions.add(bento(project).version)
    assert len(versions) == 4


def test_files_that_are_not_in_the_bento_do_not_change_its_version(project: Path) -> None:
    before = bento(project).version
    (project / "src/atelier/evaluation/another.py").write_text("changed = True\n")
    assert bento(project).version == before


def test_a_bento_is_current_when_it_is_complete_and_the_latest(project: Path) -> None:
    made = bento(project)
    folder = project / "bentoml/bentos/atelier"
    assert not made.current
    (folder / made.version).mkdir(parents=True)
    (folder / made.version / "bento.yaml").touch()
    assert not made.current
    (folder / "latest").write_text(made.version)
    assert made.current


def test_the_bentos_packages_have_the_versions_of_this_environment() -> None:
    packages = yaml.safe_load((ROOT / "bentofile.yaml").read_text())["python"]["packages"]
    lock = (ROOT / "requirements.lock").read_text().splitlines()
    assert [package for package in packages if package not in lock] == []
    assert [package for package in packages if version(package.split("==")[0]) != package.split("==")[1]] == []
