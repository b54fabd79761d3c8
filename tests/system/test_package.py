"""Packaging by command, from the registry to a served bento."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.classifier_champion import FAMILY
from tests.helpers.projects import kedro_in, project_environment
from tests.helpers.serving import serving

pytestmark = pytest.mark.system
LINE = [[[0, 255], [0, 255]]]


@pytest.fixture(scope="module")
def packaged(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose champions are packaged in its own BentoML folder. The tests only read it."""
    project = tmp_path_factory.mktemp("packaged") / "project"
    shutil.copytree(finished, project, symlinks=True)
    kedro_in(project)("run", "--env", "test", "--pipelines", "package")
    return project


def bento_of(project: Path) -> dict[str, object]:
    return dict(json.loads((project / "data/test/models/bento.json").read_text()))


def stamps(project: Path) -> dict[str, int]:
    files = (project / "bentoml").rglob("*")
    return {str(path): path.stat().st_mtime_ns for path in files if path.is_file() and "tmp" not in path.parts}


def test_the_built_bento_serves_the_champion(packaged: Path) -> None:
    bento = bento_of(packaged)
    # From a folder that is not a project: everything it needs is in the bento and the store.
    with serving(packaged / "bentoml", str(bento["tag"]), cwd=packaged.parent) as service:
        answer = service.post("/classify_drawing", json={"strokes": LINE}).json()
        models = {model["family"]: model for model in service.get("/models").json()["models"] if model["ready"]}
        assert (answer["family"], answer["version"]) == (FAMILY, "1")
        runs = {family: model["card"]["lineage"]["run_id"] for family, model in models.items()}
        assert bento["models"] == {family: f"test-{family}:v1-{run_id[:8]}" for family, run_id in runs.items()}
        assert service.get("/").status_code == service.get("/page/style.css").status_code == 200


def test_the_models_of_the_test_environment_are_not_served_from_the_projects_root(packaged: Path) -> None:
    with serving(packaged / "bentoml", cwd=packaged, PYTHONPATH=str(packaged / "src")) as service:
        assert service.post("/classify_drawing", json={"strokes": LINE}).status_code == 503


def test_packaging_again_touches_nothing_and_loads_no_bentoml(packaged: Path) -> None:
    before = stamps(packaged)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kedro", "run", "--env", "test", "--pipelines", "package"],
        cwd=packaged,
        env=project_environment(packaged),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert stamps(packaged) == before
    assert "| bentoml" not in done.stderr.replace(" ", "").replace("|", "| ")


def test_a_project_without_a_champion_packages_nothing(project: Path) -> None:
    done = kedro_in(project)("run", "--env", "test", "--pipelines", "package", check=False)
    assert "no champion to package" in done.stdout + done.stderr


DOCKER = """#!/bin/sh
# Stands for Docker without its daemon: it keeps what `bentoml containerize` gives it to build.
case "$1" in
    version) echo '"28.0.0"' ;;
    *) for last; do :; done; echo "$@" > "$KEPT/arguments"; cp -r "$last" "$KEPT/context" ;;
esac
"""


def test_the_context_of_a_container_image_has_all_that_its_dockerfile_copies(packaged: Path, tmp_path: Path) -> None:
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    environment = project_environment(packaged, KEPT=str(tmp_path))
    environment["PATH"] = f"{docker.parent}{os.pathsep}{environment['PATH']}"
    bento = bento_of(packaged)
    command = [sys.executable, "-m", "bentoml", "containerize", "--backend", "docker", str(bento["tag"])]
    done = subprocess.run(command, cwd=packaged, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"--tag {bento['tag']}" in (tmp_path / "arguments").read_text()
    context = tmp_path / "context"
    copied = re.findall(r"^COPY (?:--\S+ )*(\S+) ", (context / "env/docker/Dockerfile").read_text(), re.MULTILINE)
    assert [source for source in copied if not (context / source).exists()] == []
    models = {path.parent.parent.name for path in context.glob("models/*/*/card.json")}
    assert models == {tag.partition(":")[0] for tag in dict(bento["models"]).values()}
    assert (context / "src/atelier/service/service.py").exists()
