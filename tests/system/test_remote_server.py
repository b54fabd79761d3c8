"""A family on a remote MLflow server with TLS and a login in its address. In the end the login is found nowhere."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pytest

from atelier.registry.models import Registry
from atelier.registry.rollback import roll_back
from tests.families.start import start_family
from tests.helpers.competitors import most_at_a_time
from tests.helpers.mlflow_server import PASSWORD, QUOTED, USER, mlflow_server
from tests.helpers.projects import copy_project, kedro_in, project_environment
from tests.helpers.registries import FAMILY, TEST_HASH, add_challenger, gate_version

pytestmark = pytest.mark.system
NAME = "my_classifier"
DATA = ("--pipelines", "fetch,prepare", "--nodes", "fetch.quickdraw,prepare.quickdraw")
SPELLINGS = (PASSWORD, QUOTED, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())


@dataclass
class Remote:
    """A project that uses a server: `run` calls `kedro run` in it."""

    folder: Path
    place: str
    """Host, port and path of the server."""
    cert: Path
    project: Path
    run: Callable[..., subprocess.CompletedProcess[str]]
    temporary: Path
    printed: list[str] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        address = f"https://{USER}:{QUOTED}@{self.place}"
        return {
            "MLFLOW_TRACKING_URI": address,
            "MLFLOW_TRACKING_SERVER_CERT_PATH": str(self.cert),
            "TMPDIR": str(self.temporary),
        }

    def kedro(self, *arguments: str, check: bool = True, **changes: str) -> str:
        """What `kedro run --env test` prints."""
        done = self.run("run", "--env", "test", *arguments, check=check, **{**self.variables, **changes})
        assert check or done.returncode
        self.printed.append(done.stdout + done.stderr)
        return self.printed[-1]


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    folder = tmp_path_factory.mktemp("remote")
    project = copy_project(folder / "project")
    start_family(NAME, project)
    for name in ("server", "temporary"):
        (folder / name).mkdir()
    with mlflow_server(folder / "server") as (place, cert):
        yield Remote(folder, place, cert, project, kedro_in(project), folder / "temporary")


@pytest.fixture
def registry(remote: Remote) -> Iterator[Registry]:
    """The server's registry, in this process."""
    with patch.dict(os.environ, {**remote.variables, "TMPDIR": os.environ.get("TMPDIR", "")}):
        yield Registry(remote.variables["MLFLOW_TRACKING_URI"], prefix="test-")


def test_of_several_that_promote_at_the_same_time_one_at_a_time_holds_the_lock(registry: Registry) -> None:
    assert most_at_a_time(registry, FAMILY) == 1
    assert not registry.client.search_registered_models(f"name LIKE '%{FAMILY}%'")


def test_a_family_is_trained_promoted_and_tuned(remote: Remote, registry: Registry) -> None:
    remote.kedro(*DATA)
    remote.kedro("--pipelines", NAME)
    assert "v1 is promoted" in remote.kedro("--nodes", f"promote.{NAME}")
    assert registry.aliases(NAME) == {"champion": 1}
    remote.kedro("--pipelines", "tune", "--params", f"family={NAME},trials=1,workers=1")
    assert f"{NAME}:" in (remote.project / "conf/test/tuned.yml").read_text()
    assert not (remote.project / "mlflow.db").exists()


def test_a_wrong_password_is_a_sentence_and_changes_nothing(remote: Remote) -> None:
    job = remote.project / f"data/test/models/{NAME}/job.json"
    before = job.read_text()
    changed = ("--pipelines", NAME, "--params", f"{NAME}.model.sharpness=500.0")
    address = f"https://{USER}:another@{remote.place}"  # pragma: allowlist secret
    printed = remote.kedro(*changed, check=False, MLFLOW_TRACKING_URI=address)
    assert f"error: https://{remote.place} demands a login, or refuses the one that is set" in printed
    assert "Traceback" not in printed
    assert "another@" not in printed
    assert job.read_text() == before


def test_a_deleted_experiment_is_a_sentence_before_the_training(remote: Remote, registry: Registry) -> None:
    job = remote.project / f"data/test/models/{NAME}/job.json"
    before = job.read_text()
    number = registry.client.get_experiment_by_name(registry.experiment(NAME)).experiment_id
    registry.client.delete_experiment(number)
    printed = remote.kedro("--pipelines", NAME, "--params", f"{NAME}.model.sharpness=500.0", check=False)
    registry.client.restore_experiment(number)
    assert f"restore -x {number}" in printed.replace("\n", " ")
    assert "Traceback" not in printed
    assert job.read_text() == before


def test_versions_are_registered_gated_read_back_and_rolled_back(registry: Registry, tmp_path: Path) -> None:
    add_challenger(registry, tmp_path, "first", 100)
    assert gate_version(registry, 1).promote
    second = add_challenger(registry, tmp_path, "second", 130)
    assert gate_version(registry, 2).promote
    assert registry.card(second).family == FAMILY
    assert registry.onnx(second)["model"].exists()
    evaluation = registry.evaluation(second, TEST_HASH)
    assert evaluation is not None
    assert evaluation.metrics["top1"].value == 0.65
    assert roll_back(registry, FAMILY).champion == "1"
    assert registry.aliases(FAMILY)["champion"] == 1


def test_the_page_of_the_server_is_named(remote: Remote) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "atelier.registry.tracking.ui"],
        cwd=remote.project,
        env=project_environment(remote.project, **remote.variables),
        capture_output=True,
        text=True,
        check=True,
    )
    remote.printed.append(done.stdout + done.stderr)
    assert f"https://{remote.place}\n" in done.stdout


def test_a_retraining_uses_the_server(remote: Remote, registry: Registry, tmp_path: Path) -> None:
    family = "quickdraw_classifier"
    environment = project_environment(remote.project, **{**remote.variables, "TMPDIR": str(tmp_path)})
    for command in (
        ("dvc", "init", "--no-scm", "--quiet"),
        ("pipelines.retrain", "--env", "test", "--families", family),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=remote.project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        remote.printed.append(done.stdout + done.stderr)
        assert done.returncode == 0, remote.printed[-1]
    assert f"{family}: v1 promoted" in done.stdout
    assert registry.aliases(family) == {"champion": 1}
    assert f"https://{remote.place}" in (remote.project / "data/test/reports/retraining.md").read_text()
    assert not (remote.project / "mlflow.db").exists()


def test_afterwards_the_password_is_nowhere_and_no_download_is_left(remote: Remote) -> None:
    """Not in what was printed, not in the project, not in the server's database, artifacts and log."""
    assert remote.printed, "this test looks at what the others did"
    files = [path for path in remote.folder.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"job.json", "card.json", "study.json", "server.db", "server.log", "worker-0.log"} <= names
    for spelling in SPELLINGS:
        assert [text for text in remote.printed if spelling in text] == []
        assert [path for path in files if spelling.encode() in path.read_bytes()] == []
    assert [path.name for path in remote.temporary.iterdir() if path.name.startswith(("atelier-", "tmp"))] == []
