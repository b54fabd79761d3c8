import json

import numpy as np
import onnx
import pytest

from atelier.errors import AtelierError
from atelier.onnx.model import OnnxModel
from atelier.registry import registration
from atelier.registry.models import Registry
from atelier.registry.registration import is_registered, register, signature
from atelier.registry.status import status
from atelier.registry.tracking.run import open_run
from tests.helpers.onnx_graphs import write_model
from tests.helpers.registries import FAMILY, TEST_HASH, add_challenger, card, evaluation, manifest


def test_the_logged_model_has_the_signature_of_its_spec(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a")
    from mlflow.models import Model

    logged = Model.load(str(registry.onnx(version)["model"].parent))
    assert logged.signature == signature(card().spec.parts["model"])
    assert logged.signature.inputs.to_dict()[0]["tensor-spec"] == {"dtype": "float32", "shape": (-1, 1)}
    found = registry.client.get_model_version(FAMILY, "1")
    assert found.tags["data.points"] == manifest().content_hash
    assert found.source == f"models:/{logged.model_id}"


def test_each_part_is_a_logged_model_with_signature_and_input_example(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a", parts=("encoder", "decoder"))
    from mlflow.models import Model

    for part, path in registry.onnx(version).items():
        logged = Model.load(str(path.parent))
        assert logged.signature == signature(card().spec.parts["model"])
        assert logged.load_input_example(str(path.parent))["x"].shape == (1, 1)
        stored = registry.client.get_logged_model(logged.model_id)
        assert stored.name == f"{FAMILY}-{part}"
        assert json.loads(stored.tags["mlflow.modelVersions"]) == [{"name": FAMILY, "version": 1}]


def test_files_that_are_not_the_card_s_parts_are_refused(registry, tmp_path):
    with open_run(registry.uri, f"atelier/{FAMILY}", "a") as run, pytest.raises(AtelierError, match="the files are a"):
        register(registry, run, {"a": tmp_path}, card(run.run_id, parts=("a", "b")), evaluation(150), TEST_HASH)


def test_registering_a_run_again_returns_the_same_version(registry, tmp_path):
    first = add_challenger(registry, tmp_path, "a")
    assert add_challenger(registry, tmp_path, "a").number == first.number
    assert [version.number for version in registry.history(FAMILY)] == [1]
    assert add_challenger(registry, tmp_path, "b", right=151).number == 2
    assert [version.number for version in registry.history(FAMILY)] == [2, 1]


def test_a_second_training_that_ends_in_the_same_file_is_the_same_version(registry, tmp_path):
    first = add_challenger(registry, tmp_path, "a")
    assert add_challenger(registry, tmp_path, "b") == first


def test_a_second_training_that_ends_in_another_file_does_not_change_the_first_version(registry, tmp_path):
    first = add_challenger(registry, tmp_path, "key-attempt1", right=120)
    second = add_challenger(registry, tmp_path, "key-attempt2", right=140)
    assert [registry.card(version).metrics["top1"].value for version in (first, second)] == [120 / 200, 140 / 200]
    values = [registry.evaluation(version, TEST_HASH).metrics["top1"].value for version in (first, second)]
    assert values == [120 / 200, 140 / 200]


def test_environments_with_different_prefixes_have_versions_and_aliases_of_their_own(registry, tmp_path):
    tests = Registry(registry.uri, registry.client, prefix="test-")
    add_challenger(registry, tmp_path, "a", right=120)
    toy = add_challenger(tests, tmp_path, "b", right=140)
    assert (toy.family, toy.number) == (FAMILY, 1)
    assert registry.card(registry.get(FAMILY, "challenger")).metrics["top1"].value == 120 / 200
    assert tests.card(tests.get(FAMILY, "challenger")).metrics["top1"].value == 140 / 200
    names = sorted(model.name for model in registry.client.search_registered_models())
    assert names == [FAMILY, f"test-{FAMILY}"]
    assert status(tests, FAMILY).challenger == toy
    assert status(registry, FAMILY).challenger.run_id != toy.run_id


def test_another_file_of_the_same_key_is_another_version(registry, tmp_path):
    """A training that was repeated, on another machine or after its folder was removed, may end in another file."""
    first = add_challenger(registry, tmp_path, "a", right=150)
    second = add_challenger(registry, tmp_path, "a", right=160)
    assert (first.number, second.number) == (1, 2)
    assert first.run_id == second.run_id
    one = np.ones((1, 1), np.float32)
    outputs = [OnnxModel(registry.onnx(version)["model"])(x=one)["y"].item() for version in (first, second)]
    assert outputs == [150, 160]


def test_a_version_is_registered_until_it_is_deleted(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a")
    assert is_registered(registry, version)
    registry.client.delete_model_version(FAMILY, "1")
    assert not is_registered(registry, version)


@pytest.mark.parametrize("parts", [("model",), ("encoder", "decoder")])
@pytest.mark.parametrize("step", ["_create", "_log_model"])
def test_a_registration_that_was_cut_short_is_completed_with_one_version(registry, tmp_path, monkeypatch, step, parts):
    def die(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registration, step, die)
        with pytest.raises(KeyboardInterrupt):
            add_challenger(registry, tmp_path, "a", parts=parts)
    assert registry.history(FAMILY) == []
    version = add_challenger(registry, tmp_path, "a", parts=parts)
    experiment = registry.client.get_experiment_by_name(f"atelier/{FAMILY}").experiment_id
    assert len(registry.client.search_logged_models([experiment])) == len(parts)
    assert registry.get(FAMILY, "challenger") == version


def test_parts_that_were_logged_before_a_kill_are_logged_anew(registry, tmp_path, monkeypatch):
    log_model, logged = registration._log_model, []

    def log_one(*arguments):
        if logged:
            raise KeyboardInterrupt
        logged.append(log_model(*arguments))
        return logged[0]

    with monkeypatch.context() as patch:
        patch.setattr(registration, "_log_model", log_one)
        with pytest.raises(KeyboardInterrupt):
            add_challenger(registry, tmp_path, "a", parts=("encoder", "decoder"))
    version = add_challenger(registry, tmp_path, "a", parts=("encoder", "decoder"))
    assert registry.onnx(version).keys() == {"encoder", "decoder"}
    experiment = registry.client.get_experiment_by_name(f"atelier/{FAMILY}").experiment_id
    found = {model.model_id for model in registry.client.search_logged_models([experiment])}
    assert len(found) == 2
    assert not found & set(logged)


def test_a_model_that_mlflow_stored_incorrectly_is_not_registered(registry, tmp_path, monkeypatch):
    import mlflow.onnx

    other = onnx.load(write_model(tmp_path / "other.onnx", factor=9.0))
    monkeypatch.setattr(mlflow.onnx, "load_model", lambda uri, dst_path: other)
    with pytest.raises(AtelierError, match="gave back another model"):
        add_challenger(registry, tmp_path, "a")
    assert registry.history(FAMILY) == []


def test_registering_does_not_change_mlflow_s_global_settings(registry, tmp_path):
    import mlflow

    before = mlflow.get_tracking_uri()
    add_challenger(registry, tmp_path, "a")
    assert mlflow.get_tracking_uri() == before
    assert mlflow.active_run() is None


def test_a_version_with_a_verdict_does_not_become_challenger_again(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a")
    registry.set_tag(version, "mlflow.atelier.verdict", "{}")
    registry.set_alias(add_challenger(registry, tmp_path, "b", right=151), "champion")
    registry.remove_alias(FAMILY, "challenger")
    with open_run(registry.uri, f"atelier/{FAMILY}", "a") as run:
        register(registry, run, {"model": tmp_path / "a.model.onnx"}, card(run.run_id), evaluation(150), TEST_HASH)
    assert registry.get(FAMILY, "challenger") is None
