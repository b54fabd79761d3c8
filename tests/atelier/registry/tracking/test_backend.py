import shutil
import socket
from pathlib import Path

import numpy as np
import pytest

from atelier.errors import AtelierError
from atelier.onnx.model import OnnxModel
from atelier.registry.models import Registry
from atelier.registry.tracking import backend
from tests.helpers.registries import FAMILY, TEST_HASH, add_challenger, empty_registry


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("sqlite:///mlflow.db", Path.cwd() / "mlflow.db"),
        ("sqlite:////tmp/x/mlflow.db", Path("/tmp/x/mlflow.db")),
        ("http://localhost:5000", None),
        ("postgresql://user@host/db", None),
    ],
)
def test_only_a_sqlite_uri_is_a_file(uri, name):
    assert backend.database(uri) == name


def test_artifacts_are_stored_beside_the_database(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a")
    assert registry.onnx(version)["model"].is_relative_to(tmp_path / "mlartifacts" / "atelier" / FAMILY)


@pytest.mark.parametrize("move", [shutil.move, shutil.copytree])
def test_a_moved_or_copied_project_finds_and_keeps_its_own_artifacts(tmp_path, move):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    version = add_challenger(empty_registry(old), old, "a")
    move(old, new)
    before = sorted(old.rglob("*"))
    registry = Registry(f"sqlite:///{new}/mlflow.db")
    assert registry.onnx(version)["model"].is_relative_to(new)
    assert OnnxModel(registry.onnx(version)["model"])(x=np.ones((1, 1), np.float32))["y"] == 150
    assert registry.card(version).family == FAMILY
    assert registry.evaluation(version, TEST_HASH) is not None
    assert registry.onnx(add_challenger(registry, new, "b"))["model"].is_relative_to(new)
    assert sorted(old.rglob("*")) == before


def test_mlflow_s_global_uri_is_restored(registry):
    import mlflow

    before = mlflow.get_tracking_uri()
    with backend.tracking(registry.uri):
        assert mlflow.get_tracking_uri() == registry.uri
    assert mlflow.get_tracking_uri() == before


def test_a_server_that_does_not_answer_is_an_error_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(AtelierError, match="No MLflow server answers"):
        backend.connect(f"http://127.0.0.1:{port}")
