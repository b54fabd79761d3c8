import shutil
from pathlib import Path

import numpy as np
import pytest

from atelier.errors import AtelierError
from atelier.onnx.model import OnnxModel
from atelier.registry.version import LOG, PARTS, VERDICT
from tests.helpers.registries import FAMILY, TEST_HASH, add_challenger, evaluation, gate_version


def test_a_version_holds_model_card_and_results(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a", right=150)
    stored = registry.evaluation(version, TEST_HASH)
    made = registry.card(version)
    assert (version.family, version.number) == (FAMILY, 1)
    assert registry.get(FAMILY, "challenger") == version
    assert registry.get(FAMILY, "champion") is None
    assert OnnxModel(registry.onnx(version)["model"])(x=np.array([[2.0]], np.float32))["y"] == 300
    assert (made.version, made.lineage.run_id) == ("1", version.run_id)
    assert made.metrics == evaluation(150).metrics
    assert stored.metrics == evaluation(150).metrics
    np.testing.assert_array_equal(stored.items["top1"], evaluation(150).items["top1"])
    np.testing.assert_array_equal(stored.item_ids, evaluation(150).item_ids)
    assert stored.item_ids.dtype == np.uint64
    assert stored.pictures == evaluation(150).pictures
    assert registry.evaluation(version, "other" * 10) is None


def test_tags_that_an_earlier_atelier_stored_under_other_names_are_read(registry, tmp_path):
    add_challenger(registry, tmp_path, "a")
    client = registry.client
    client.set_model_version_tag(FAMILY, "1", "atelier.verdict", "{}")
    client.delete_model_version_tag(FAMILY, "1", PARTS)
    client.set_model_version_tag(FAMILY, "1", "atelier.parts", '{"model": "m-1"}')
    client.set_registered_model_tag(FAMILY, "atelier.history.000001", "{}")
    version = registry.version(FAMILY, 1)
    assert version.model_ids == ("m-1",)
    assert version.tags[VERDICT] == "{}"
    assert registry.family_tags(FAMILY)[f"{LOG}000001"] == "{}"


def test_mlflow_shows_no_tag_that_is_json(versions):
    gate_version(versions, 1)
    shown = {**versions.version(FAMILY, 1).tags, **versions.family_tags(FAMILY)}
    assert not [key for key, value in shown.items() if value.startswith("{") and not key.startswith("mlflow.")]


def test_a_version_of_several_parts_holds_each_of_them(registry, tmp_path):
    version = add_challenger(registry, tmp_path, "a", right=150, parts=("encoder", "decoder"))
    x = np.array([[2.0]], np.float32)
    answers = {part: OnnxModel(path)(x=x)["y"].item() for part, path in registry.onnx(version).items()}
    assert answers == {"encoder": 300, "decoder": 302}
    assert registry.card(version).spec.parts.keys() == answers.keys()


def test_a_version_registered_before_there_were_parts_has_one(registry, tmp_path):
    path = registry.onnx(add_challenger(registry, tmp_path, "a"))["model"]
    registry.client.delete_model_version_tag(FAMILY, "1", PARTS)
    version = registry.version(FAMILY, 1)
    registry.client.log_artifact(version.run_id, str(old_card(tmp_path)))
    assert registry.onnx(version) == {"model": path}
    assert registry.card(version).parity == {"model": 2.4e-7}


def old_card(folder):
    """The committed card of a model from before there were parts, as `card.json`."""
    return shutil.copy(Path(__file__).parents[1] / "cards" / "single_part.json", folder / "card.json")


def test_a_missing_version_is_an_error_with_its_name(registry):
    with pytest.raises(AtelierError, match=f"{FAMILY} has no version 7"):
        registry.version(FAMILY, 7)


def test_a_missing_version_is_an_error_with_those_that_exist(versions):
    with pytest.raises(AtelierError, match=r"Versions that it has: v1, v2, v3, v4\."):
        versions.version(FAMILY, 9)


def test_an_alias_is_moved_and_removed(versions):
    assert versions.get(FAMILY, "champion") is None
    for number in (1, 3):
        versions.set_alias(versions.version(FAMILY, number), "champion")
        assert versions.aliases(FAMILY) == {"champion": number}
        assert versions.get(FAMILY, "champion").number == number
    versions.remove_alias(FAMILY, "champion")
    assert versions.aliases(FAMILY) == {}


def test_a_family_s_tags_are_set_and_removed(versions):
    versions.set_family_tag(FAMILY, "k", "v")
    assert versions.family_tags(FAMILY)["k"] == "v"
    versions.set_family_tag(FAMILY, "k", None)
    assert "k" not in versions.family_tags(FAMILY)


def test_a_family_without_versions_is_empty(registry):
    assert registry.history("absent") == []
    assert registry.aliases("absent") == registry.family_tags("absent") == {}
