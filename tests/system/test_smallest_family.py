"""The smallest family, added to a project as docs/adding_a_family.md says, through the whole lifecycle."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.families.start import start_family
from tests.helpers.projects import Kedro, copy_project, kedro_in

pytestmark = pytest.mark.system
NAME = "my_classifier"
DATA = ("run", "--env", "test", "--pipelines", "fetch,prepare", "--nodes", "fetch.quickdraw,prepare.quickdraw")
PROMOTE = ("run", "--env", "test", "--nodes", f"promote.{NAME}")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("smallest") / "project")
    start_family(NAME, folder)
    kedro_in(folder)(*DATA)
    return folder


@pytest.fixture(scope="module")
def kedro(project: Path) -> Kedro:
    return kedro_in(project)


def test_it_trains_is_registered_promoted_challenged_and_rolled_back(project: Path, kedro: Kedro) -> None:
    lifecycle = ("run", "--env", "test", "--pipelines", NAME)
    kedro(*lifecycle)
    assert "v1 is promoted" in kedro(*PROMOTE).stdout
    card = json.loads((project / f"data/test/models/{NAME}/card.json").read_text())
    assert card["metrics"]["top1"]["value"] > 0.8
    kedro(*lifecycle, "--params", f"{NAME}.model.sharpness=500.0")
    verdict = kedro(*PROMOTE).stdout
    assert "v2" in verdict
    kedro("run", "--env", "test", "--pipelines", "tune", "--params", f"family={NAME},trials=2,workers=1")
    assert f"{NAME}:" in (project / "conf/test/tuned.yml").read_text()
    kedro("run", "--env", "test", "--pipelines", "package")
    bento = json.loads((project / "data/test/models/bento.json").read_text())
    assert bento["tag"].startswith("test-atelier:")
    assert bento["models"][NAME].startswith(f"test-{NAME}:v")


def test_a_name_that_is_taken_or_cannot_be_one_is_refused(project: Path) -> None:
    with pytest.raises(SystemExit, match="There is a family my_classifier already"):
        start_family(NAME, project)
    for name in ("My Family", "class"):
        with pytest.raises(SystemExit, match="cannot be the name"):
            start_family(name, project)


def test_the_copy_passes_the_checks_of_style(project: Path) -> None:
    for command in (("check",), ("format", "--check")):
        subprocess.run(
            [sys.executable, "-m", "ruff", *command, f"src/pipelines/families/{NAME}"], cwd=project, check=True
        )
