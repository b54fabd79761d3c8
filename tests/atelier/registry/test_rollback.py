import json
import shutil

import pytest

from atelier.errors import AtelierError
from atelier.model_card import Metric
from atelier.registry import rollback
from atelier.registry.promotion import run_gate
from atelier.registry.rollback import Rollback, roll_back
from atelier.registry.status import status
from tests.helpers.registries import CORRECT, FAMILY, GATE, TEST_HASH, add_challenger, gate_version, remove_run
from tests.helpers.tables import as_text


def test_two_rollbacks_go_back_two_champions_and_a_third_is_an_error(versions):
    for number in (1, 2, 3):
        gate_version(versions, number)
    first = roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY) == {"champion": 2, "previous": 1}
    second = roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY) == {"champion": 1}
    assert [(step.left, step.champion) for step in (first, second)] == [("3", "2"), ("2", "1")]
    with pytest.raises(AtelierError, match=r"doubler v1.*nothing to go back to.*kedro run"):
        roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY) == {"champion": 1}


def test_a_rollback_is_stored_with_the_version_that_left(versions):
    gate_version(versions, 1)
    gate_version(versions, 2)
    record = roll_back(versions, FAMILY)
    assert json.loads(versions.version(FAMILY, 2).tags["mlflow.atelier.rollback"])["champion"] == "1"
    assert (record.before["top1"].value, record.after["top1"].value) == (0.65, 0.5)
    assert versions.version(FAMILY, 2).verdict().promote


def test_a_champion_whose_run_was_deleted_can_be_rolled_back(versions):
    gate_version(versions, 1)
    gate_version(versions, 2)
    remove_run(versions, 2)
    record = roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY) == {"champion": 1}
    assert (record.before, record.after["top1"].value) == ({}, 0.5)


def test_after_a_rollback_the_predecessor_of_the_next_champion_is_the_restored_one(versions):
    gate_version(versions, 1)
    gate_version(versions, 2)
    roll_back(versions, FAMILY)
    gate_version(versions, 3)
    roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY)["champion"] == 1


def test_a_version_that_was_rolled_back_is_not_promoted_again_by_itself(versions, tmp_path):
    gate_version(versions, 1)
    gate_version(versions, 2)
    roll_back(versions, FAMILY)
    add_challenger(versions, tmp_path, "v2", CORRECT[2])  # its lifecycle, run again
    assert run_gate(versions, FAMILY, GATE, TEST_HASH, None) is None
    assert versions.aliases(FAMILY) == {"champion": 1}


def test_a_version_made_challenger_by_hand_is_promoted_again(versions):
    gate_version(versions, 1)
    gate_version(versions, 2)
    roll_back(versions, FAMILY)
    assert gate_version(versions, 2).promote
    assert versions.aliases(FAMILY) == {"champion": 2, "previous": 1}


def test_without_a_champion_there_is_nothing_to_roll_back(registry):
    with pytest.raises(AtelierError, match=r"doubler has no champion yet.*kedro run"):
        roll_back(registry, FAMILY)


def test_a_predecessor_that_lost_its_file_does_not_become_champion(versions):
    gate_version(versions, 1)
    gate_version(versions, 2)
    versions.onnx(versions.version(FAMILY, 1))["model"].unlink()
    with pytest.raises(AtelierError, match="its ONNX file"):
        roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY)["champion"] == 2


def test_a_predecessor_that_lost_its_run_and_its_model_does_not_become_champion(versions):
    gate_version(versions, 1)
    gate_version(versions, 2)
    before = versions.version(FAMILY, 1)
    shutil.rmtree(versions.onnx(before)["model"].parent)
    versions.client.delete_run(before.run_id)  # its card can still be read
    with pytest.raises(AtelierError, match=r"v1 has lost its card or its ONNX file, so doubler v2 stays champion"):
        roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY)["champion"] == 2


def test_a_predecessor_whose_model_cannot_be_read_does_not_become_champion(versions):
    gate_version(versions, 1)
    gate_version(versions, 2)
    shutil.rmtree(versions.onnx(versions.version(FAMILY, 1))["model"].parent)
    with pytest.raises(AtelierError, match=r"doubler v2 stays champion\. Cannot read the artifacts of doubler v1"):
        roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY)["champion"] == 2


def test_without_the_predecessor_that_a_person_deleted_the_champion_stays_and_it_is_said_what_to_do(versions):
    gate_version(versions, 1)
    gate_version(versions, 2)
    versions.client.delete_model_version(FAMILY, "1")
    with pytest.raises(AtelierError, match=r"v1, was deleted in MLflow, so doubler v2 stays champion.*kedro run"):
        roll_back(versions, FAMILY)
    assert versions.aliases(FAMILY)["champion"] == 2


def test_a_killed_rollback_is_completed_also_when_the_champion_that_was_left_is_deleted(versions, monkeypatch):
    gate_version(versions, 1)
    gate_version(versions, 2)
    with monkeypatch.context() as patch:
        patch.setattr(rollback, "_store_rollback", _killed)
        with pytest.raises(KeyboardInterrupt):
            roll_back(versions, FAMILY)
    versions.client.delete_model_version(FAMILY, "2")
    record = roll_back(versions, FAMILY)
    assert (record.left, record.champion, record.before) == ("2", "1", {})
    assert versions.aliases(FAMILY) == {"champion": 1}
    assert not status(versions, FAMILY).pending


def _killed(*_):
    raise KeyboardInterrupt


def test_a_rollback_shows_the_metrics_of_both_versions():
    metric = Metric(value=0.9, low=0.9, high=0.9)
    record = Rollback(
        family="doubler", left="2", champion="1", before={"top1": metric}, after={"ece": metric}, at="now"
    )
    rows = as_text(record.table()).splitlines()
    assert "back from v2 to v1" in rows[0]
    assert [row.split("│")[1].strip() for row in rows if "0.9000" in row] == ["ece", "top1"]
