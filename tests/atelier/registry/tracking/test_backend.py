import shutil

import numpy as np
import pytest

from atelier.errors import AtelierError
from atelier.onnx.model import OnnxModel
from atelier.registry.models import Registry
from atelier.registry.tracking import backend
from tests.helpers.logins import no_login as no_login
from tests.helpers.registries import FAMILY, TEST_HASH, add_challenger, empty_registry


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


def test_mlflow_gets_the_login_of_a_database_and_nobody_else(environment, monkeypatch):
    addresses = []
    monkeypatch.setattr("mlflow.tracking.MlflowClient", lambda **given: addresses.append(given))
    registry = Registry("postgresql://ann:s3cret@host/runs")
    assert registry.uri == "postgresql://host/runs"
    assert registry.client is None
    assert set(addresses[0].values()) == {"postgresql://ann:s3cret@host/runs"}  # pragma: allowlist secret


def test_a_missing_driver_is_a_sentence(environment, monkeypatch):
    def fail(**_):
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    monkeypatch.setattr("mlflow.tracking.MlflowClient", fail)
    with pytest.raises(AtelierError, match=r"^postgresql://host/runs needs a driver: install .* psycopg,"):
        backend.connect("postgresql://ann:s3cret@host/runs")  # pragma: allowlist secret


def test_a_database_whose_creation_was_killed_is_created_again(tmp_path, monkeypatch):
    from mlflow.store.db import utils

    def killed(engine):
        with engine.begin() as connection:
            connection.exec_driver_sql("create table experiments (a integer)")
        raise KeyboardInterrupt

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    with monkeypatch.context() as patch:
        patch.setattr(utils, "_initialize_tables", killed)
        with pytest.raises(KeyboardInterrupt):
            backend.connect(uri)
    assert backend.connect(uri).search_experiments()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["mlflow.db", "mlflow.db.lock"]
