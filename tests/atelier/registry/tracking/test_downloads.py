import os
import subprocess
import sys

import psutil
import pytest

from atelier.registry.tracking import downloads
from tests.helpers.registries import TEST_HASH, add_challenger, process_environment


@pytest.fixture
def remote(registry, tmp_path, monkeypatch):
    """A registry whose artifacts count as remote: MLflow copies them where it is given a folder."""
    monkeypatch.setattr(downloads, "_are_local", lambda artifacts: False)
    monkeypatch.setattr(downloads, "gettempdir", lambda: str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    downloads._process_folder.cache_clear()
    downloads._copy_of_model.cache_clear()
    yield registry
    downloads._process_folder.cache_clear()
    downloads._copy_of_model.cache_clear()


def copies(tmp_path):
    """The files in the folder for temporary files, without the note about the owner."""
    found = [path for path in (tmp_path / "temporary").rglob("*") if path.is_file()]
    return [path for path in found if path.name != "process"]


def test_cards_and_results_leave_nothing_and_a_model_is_copied_once(remote, tmp_path):
    version = add_challenger(remote, tmp_path, "a")
    assert copies(tmp_path) == [], "registration reads the model back"
    assert remote.card(version).family == version.family
    assert remote.evaluation(version, TEST_HASH) is not None
    assert copies(tmp_path) == []
    path = remote.onnx(version)["model"]
    assert path.is_relative_to(tmp_path / "temporary")
    assert remote.onnx(version)["model"] == path
    assert [copy.name for copy in copies(tmp_path)].count("model.onnx") == 1


def test_local_artifacts_are_not_copied(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a")
    assert registry.onnx(version)["model"].is_relative_to(tmp_path / "mlartifacts")
    run = registry.client.get_run(version.run_id)
    with downloads.run_artifact(registry.client, version.run_id, "card.json") as path:
        assert str(path) == f"{run.info.artifact_uri}/card.json"


@pytest.mark.parametrize(
    ("artifacts", "local"),
    [
        ("/folder/1", True),
        ("file:///folder/1", True),
        ("mlflow-artifacts:/1/run/artifacts", False),
        ("s3://bucket/1", False),
        ("https://host/1", False),
    ],
)
def test_what_is_local(artifacts, local):
    assert downloads._are_local(artifacts) == local


def test_the_folder_ends_with_the_process(tmp_path):
    code = "from atelier.registry.tracking import downloads; print(downloads._process_folder())"
    environment = {**process_environment(), "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{tmp_path}/{downloads.PREFIX}")
    assert list(tmp_path.iterdir()) == []


def test_what_killed_processes_left_is_deleted_and_that_of_others_kept(remote, tmp_path):
    left, running, unknown = (tmp_path / "temporary" / f"{downloads.PREFIX}{name}" for name in "abc")
    for folder in (left, running, unknown):
        folder.mkdir()
    this = downloads.this_process()
    dead = ":".join([this.split(":")[0], str(max(psutil.pids()) + 10_000), "1.00"])
    (left / "process").write_text(dead)
    (running / "process").write_text(this)
    folder = downloads._process_folder()
    assert set((tmp_path / "temporary").iterdir()) == {folder, running, unknown}
    downloads._remove(folder, os.getpid() + 1)
    assert folder.exists(), "a fork deleted the folder of its parent"
    downloads._remove(folder, os.getpid())
    assert not folder.exists()
