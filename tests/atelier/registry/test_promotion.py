from dataclasses import replace
from pathlib import Path

import pytest

from atelier.errors import AtelierError, BadInputError
from atelier.evaluation.grids import side_by_side
from atelier.registry.promotion import promote, run_gate
from atelier.registry.rollback import roll_back
from atelier.registry.status import status
from atelier.registry.version import PREDECESSOR
from tests.helpers.registries import FAMILY, GATE, TEST_HASH, evaluation, gate_version

NEW_HASH = "n" * 64


def test_a_first_challenger_becomes_champion(versions):
    verdict = gate_version(versions, 1)
    assert versions.aliases(FAMILY) == {"champion": 1}
    assert verdict.champion is None


def test_a_better_challenger_replaces_the_champion(versions):
    gate_version(versions, 1)
    verdict = gate_version(versions, 2)
    assert versions.aliases(FAMILY) == {"champion": 2, "previous": 1}
    assert (verdict.challenger, verdict.champion) == ("2", "1")


def test_a_worse_challenger_stays_challenger_with_its_verdict(versions):
    gate_version(versions, 3)
    verdict = gate_version(versions, 4)
    assert not verdict.promote
    assert versions.aliases(FAMILY) == {"champion": 3, "challenger": 4}
    assert versions.version(FAMILY, 4).verdict() == verdict
    assert "top1 is worse: -0.2500" in versions.client.get_model_version(FAMILY, "4").description


def test_the_run_of_a_version_says_what_the_gate_decided(versions):
    gate_version(versions, 3)
    gate_version(versions, 4)
    runs = [versions.client.get_run(versions.version(FAMILY, number).run_id) for number in (3, 4)]
    assert [run.info.run_name for run in runs] == ["v3 champion (top1 0.8000)", "v4 rejected: top1 (top1 0.5500)"]
    assert runs[1].data.tags["mlflow.note.content"].startswith("**v4 is rejected. top1 is worse")


def test_the_names_of_the_runs_say_who_is_champion(versions):
    for number in (1, 2):
        gate_version(versions, number)
    assert run_names(versions, 1, 2) == ["v1 promoted (top1 0.5000)", "v2 champion (top1 0.6500)"]
    roll_back(versions, FAMILY)
    assert run_names(versions, 1, 2) == ["v1 champion (top1 0.5000)", "v2 rolled back (top1 0.6500)"]


def run_names(registry, *numbers):
    runs = (registry.client.get_run(registry.version(FAMILY, number).run_id) for number in numbers)
    return [run.info.run_name for run in runs]


def test_without_a_challenger_there_is_no_verdict(versions):
    assert run_gate(versions, FAMILY, GATE, TEST_HASH, None) is None
    gate_version(versions, 1)
    assert run_gate(versions, FAMILY, GATE, TEST_HASH, None) is None


def test_a_verdict_is_reused_until_the_versions_the_items_or_the_rules_change(versions):
    gate_version(versions, 3)
    first = gate_version(versions, 4)
    assert run_gate(versions, FAMILY, GATE, TEST_HASH, None) == first
    other = gate_version(versions, 4, GATE.model_copy(update={"seed": 1}))
    assert other.inputs_hash != first.inputs_hash


def test_a_version_that_the_present_code_cannot_evaluate_is_named(versions):
    gate_version(versions, 3)
    versions.set_alias(versions.version(FAMILY, 4), "challenger")

    def evaluate(model, spec):
        raise KeyError("scores")

    with pytest.raises(BadInputError, match=rf"{FAMILY} v4 cannot be evaluated by the present code .*scores.*alias"):
        run_gate(versions, FAMILY, GATE, NEW_HASH, evaluate)
    assert versions.aliases(FAMILY) == {"champion": 3, "challenger": 4}


def test_both_are_evaluated_again_when_the_test_items_changed(versions):
    gate_version(versions, 3)
    versions.set_alias(versions.version(FAMILY, 4), "challenger")
    results = iter([evaluation(170, first_id=1000), evaluation(110, first_id=1000)])  # v4 is better on these

    assert run_gate(versions, FAMILY, GATE, NEW_HASH, lambda model, spec: next(results)).promote
    kept = versions.evaluation(versions.version(FAMILY, 3), NEW_HASH)
    assert kept.metrics["top1"].value == pytest.approx(0.55)


def test_results_on_changed_test_items_are_kept_for_the_next_challenger(versions):
    gate_version(versions, 3)
    champion = versions.version(FAMILY, 3)
    versions.store_evaluation(champion.run_id, NEW_HASH, evaluation(150))
    versions.set_alias(versions.version(FAMILY, 4), "challenger")
    results = iter([evaluation(90)])
    assert not run_gate(versions, FAMILY, GATE, NEW_HASH, lambda model, spec: next(results)).promote


def test_a_champion_without_a_metric_of_the_rules_is_evaluated_again(versions):
    gate_version(versions, 1)
    old = evaluation(100)
    del old.metrics["ece"]
    versions.store_evaluation(versions.version(FAMILY, 1).run_id, TEST_HASH, old)
    versions.set_alias(versions.version(FAMILY, 2), "challenger")
    assert run_gate(versions, FAMILY, GATE, TEST_HASH, lambda model, spec: evaluation(100)).promote


def test_results_from_before_the_units_were_recorded_are_evaluated_again(versions):
    gate_version(versions, 1)
    old = replace(evaluation(199), units=None)
    versions.store_evaluation(versions.version(FAMILY, 1).run_id, TEST_HASH, old)
    versions.set_alias(versions.version(FAMILY, 2), "challenger")
    assert run_gate(versions, FAMILY, GATE, TEST_HASH, lambda model, spec: evaluation(100)).promote
    stored = versions.evaluation(versions.version(FAMILY, 1), TEST_HASH)
    assert (stored.units, stored.metrics["top1"].value) == ({}, 0.5)


def test_the_images_of_both_are_logged_to_the_challenger_s_run_side_by_side(versions):
    gate_version(versions, 3)
    assert not images(versions, 3)
    gate_version(versions, 4)
    assert images(versions, 4) == {
        "beside_champion_v3/sheet.png": side_by_side(
            [evaluation(right).pictures["sheet.png"] for right in (110, 160)], ["challenger v4", "champion v3"]
        )
    }


def test_an_image_that_only_one_of_them_has_is_not_logged(versions):
    gate_version(versions, 3)
    versions.set_alias(versions.version(FAMILY, 4), "challenger")
    champion, challenger = evaluation(160), evaluation(110)
    champion.pictures["old.png"] = challenger.pictures["new.png"] = champion.pictures["sheet.png"]
    results = iter([challenger, champion])
    run_gate(versions, FAMILY, GATE, NEW_HASH, lambda model, spec: next(results))
    assert list(images(versions, 4)) == ["beside_champion_v3/sheet.png"]


def images(registry, number):
    """Path → content of the side-by-side images in a version's run."""
    run_id = registry.version(FAMILY, number).run_id
    folders = [found.path for found in registry.client.list_artifacts(run_id) if found.path.startswith("beside_")]
    paths = [found.path for folder in folders for found in registry.client.list_artifacts(run_id, folder)]
    return {path: Path(registry.client.download_artifacts(run_id, path)).read_bytes() for path in paths}


def test_promoting_twice_changes_nothing(versions):
    gate_version(versions, 1)
    verdict = gate_version(versions, 2)
    promote(versions, verdict)
    assert versions.aliases(FAMILY) == {"champion": 2, "previous": 1}
    assert versions.version(FAMILY, 2).tags[PREDECESSOR] == "1"


@pytest.mark.parametrize("deleted", [1, 2])
def test_a_predecessor_that_a_person_deleted_stops_no_promotion(versions, deleted):
    gate_version(versions, 1)
    gate_version(versions, 2)
    versions.client.delete_model_version(FAMILY, str(deleted))
    assert gate_version(versions, 3).promote
    found = status(versions, FAMILY)
    assert (found.champion.number, found.pending) == (3, False)
    assert versions.aliases(FAMILY) == ({"champion": 3, "previous": 2} if deleted == 1 else {"champion": 3})


def test_a_rejected_challenger_cannot_be_promoted(versions):
    gate_version(versions, 3)
    verdict = gate_version(versions, 4)
    with pytest.raises(AtelierError, match="rejected doubler v4"):
        promote(versions, verdict)
    assert versions.aliases(FAMILY)["champion"] == 3
