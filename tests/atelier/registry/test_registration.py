import onnx
import pytest

from atelier.errors import AtelierError
from atelier.registry import registration
from atelier.registry.registration import register, signature
from atelier.registry.tracking.run import open_run
from tests.helpers.onnx_graphs import write_model
from tests.helpers.registries import FAMILY, TEST_HASH, add_challenger, card, evaluation, manifest


def test_the_logged_model_has_the_signature_of_its_spec(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a")
    from mlflow.models import Model

    logged = Model.load(str(registry.onnx(version).parent))
    assert logged.signature == signature(card().spec)
    assert logged.signature.inputs.to_dict()[0]["tensor-spec"] == {"dtype": "float32", "shape": (-1, 1)}
    found = registry.client.get_model_version(FAMILY, "1")
    assert found.tags["data.points"] == manifest().content_hash
    assert found.source == f"models:/{logged.model_id}"


def test_registering_a_run_again_returns_the_same_version(registry, tmp_path):
    first = add_challenger(registry, tmp_path, "a")
    assert add_challenger(registry, tmp_path, "a").number == first.number
    assert [version.number for version in registry.history(FAMILY)] == [1]
    assert add_challenger(registry, tmp_path, "b").number == 2
    assert [version.number for version in registry.history(FAMILY)] == [2, 1]


@pytest.mark.parametrize("step", ["_create", "_log_model"])
def test_a_registration_that_was_cut_short_is_completed_with_one_version(registry, tmp_path, monkeypatch, step):
    def die(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registration, step, die)
        with pytest.raises(KeyboardInterrupt):
            add_challenger(registry, tmp_path, "a")
    assert registry.history(FAMILY) == []
    version = add_challenger(registry, tmp_path, "a")
    experiment = registry.client.get_experiment_by_name(f"atelier/{FAMILY}").experiment_id
    assert len(registry.client.search_logged_models([experiment])) == 1
    assert registry.get(FAMILY, "challenger") == version


def test_a_model_that_comes_back_changed_is_not_registered(registry, tmp_path, monkeypatch):
    import mlflow.onnx

    other = onnx.load(write_model(tmp_path / "other.onnx", factor=9.0))
    monkeypatch.setattr(mlflow.onnx, "load_model", lambda uri: other)
    with pytest.raises(AtelierError, match="gave back another model"):
        add_challenger(registry, tmp_path, "a")
    assert registry.history(FAMILY) == []


def test_registering_leaves_mlflow_s_own_settings_alone(registry, tmp_path):
    import mlflow

    before = mlflow.get_tracking_uri()
    add_challenger(registry, tmp_path, "a")
    assert mlflow.get_tracking_uri() == before
    assert mlflow.active_run() is None


def test_a_judged_version_does_not_become_challenger_again(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a")
    registry.tag(version, "atelier.verdict", "{}")
    registry.remove_alias(FAMILY, "challenger")
    with open_run(registry.uri, f"atelier/{FAMILY}", "a") as run:
        register(run, tmp_path / "a.onnx", card(run.run_id), evaluation(150), TEST_HASH)
    assert registry.get(FAMILY, "challenger") is None
