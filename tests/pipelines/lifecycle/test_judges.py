"""Lifecycle, gate and rollback of a family that is judged by the champion of another family.

The judges are versions 1 to 4 in `tests.helpers.registries`. Their outputs for the input 1 are 100, 130, 160 and 110.
The number of correct test items (of 200) of the judged family is the output of its own model plus half of that of the
judge.
"""

import json
from dataclasses import dataclass

import numpy as np
import pytest

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import AtelierError
from atelier.model_card import ModelSpec, Tensor
from atelier.onnx.model import OnnxModel
from atelier.registry.gate.settings import GateSettings, Rule
from atelier.registry.rollback import roll_back
from atelier.registry.tracking import lineage
from atelier.settings import Settings
from pipelines.lifecycle.contracts import ExportReport, FamilyInputs, FamilySettings, Judge
from pipelines.lifecycle.pipeline import create_lifecycle
from pipelines.lifecycle.tuning import FloatRange, TuningSettings
from pipelines.pipeline_registry import register_pipelines
from pipelines.promote.pipeline import create_pipeline
from tests.helpers.lifecycle_runs import run_nodes
from tests.helpers.onnx_graphs import write_model
from tests.helpers.registered_families import register_family
from tests.helpers.registries import FAMILY as JUDGE
from tests.helpers.registries import GATE, evaluation, gate_version, manifest
from tests.helpers.tuning import make_tuning

JUDGED = "sketcher"
X, Y = (Tensor(name=name, dtype="float32", shape=("batch", 1)) for name in "xy")
ONE = np.ones((1, 1), np.float32)


class SketcherEvaluation(Settings):
    samples: int = 200


class SketcherSettings(FamilySettings):
    factor: float = 20
    evaluation: SketcherEvaluation = SketcherEvaluation()
    gate: GateSettings = GATE
    tuning: TuningSettings = make_tuning(metric="loss", space={"factor": FloatRange(low=1, high=2)})


@dataclass(frozen=True)
class SketcherInputs(FamilyInputs):
    points: PreparedData


@dataclass(frozen=True)
class DrawingInputs(FamilyInputs):
    quickdraw: PreparedData


class Sketcher:
    """A family without training. It records which models were evaluated by which judge."""

    def __init__(self):
        self.evaluated = []

    def train(self, inputs, settings, log, folder):
        folder.mkdir(exist_ok=True)

    def export(self, inputs, settings, folder, target):
        write_model(target, settings.factor)
        spec = ModelSpec.single(inputs=(X,), outputs=(Y,), intended_use="Tests.", limits="None.")
        return ExportReport(spec=spec, parameters=1, parity={"model": 0.0})

    def evaluate(self, inputs, model: OnnxModel, spec, settings, doubler: Judge):
        output, judge_output = model(x=ONE)["y"].item(), doubler.model(x=ONE)["y"].item()
        assert doubler.spec.intended_use == "Doubling."
        self.evaluated.append((int(output), doubler.version))
        return evaluation(right=int(output + judge_output / 2))


@pytest.fixture
def sketcher(monkeypatch):
    return register_sketcher(monkeypatch, SketcherInputs, JUDGE)


def register_sketcher(monkeypatch, inputs, judge):
    family = Sketcher()
    functions = {"train": family.train, "export": family.export, "evaluate": family.evaluate}
    register_family(monkeypatch, JUDGED, SketcherSettings, inputs, (judge,), **functions)
    return family


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "prepared"
    folder.mkdir()
    (folder / "manifest.json").write_text(manifest().model_dump_json())
    return folder


@pytest.fixture
def run(sketcher, data, versions, tmp_path):
    """Run the lifecycle of the judged family, some of its nodes, or its gate. Returns the verdict of the gate."""

    def run_family(pipeline, factor=20, samples=200):
        settings = SketcherSettings(factor=factor, evaluation=SketcherEvaluation(samples=samples))
        return run_nodes(pipeline, JUDGED, settings, versions, data, tmp_path / "models", [JUDGE])

    return run_family


def gate():
    return create_pipeline().only_nodes(f"promote.{JUDGED}")


def lifecycle_and_gate():
    return create_lifecycle(JUDGED) + gate()


def hash_with(judge):
    """Test hash of an evaluation with this version of the judge."""
    return lineage.test_hash(
        {"points.test": manifest().split_hashes["test"]},
        {JUDGE: str(judge)},
        {"evaluation": {"samples": 200}, "code": "code"},
    )


def test_without_a_judge_the_run_stops_before_training_with_advice(run, versions, tmp_path):
    with pytest.raises(AtelierError, match=rf"judged by the champion of {JUDGE}, .* --pipelines {JUDGE},promote"):
        run(create_lifecycle(JUDGED))
    assert not (tmp_path / "models").exists()


def test_the_error_names_the_reason_why_a_judge_was_rejected(run, versions):
    gate_version(versions, 4, GATE.model_copy(update={"rules": {"top1": Rule(tolerance=0.01, floor=0.9)}}))
    with pytest.raises(AtelierError, match="v4 rejected: top1"):
        run(create_lifecycle(JUDGED))


def test_a_version_contains_the_versions_of_its_judges(run, versions):
    gate_version(versions, 2)
    run(create_lifecycle(JUDGED))
    version = versions.get(JUDGED, "challenger")
    assert versions.card(version).lineage.judges == {JUDGE: "2"}
    assert version.tags[f"judge.{JUDGE}"] == "2"
    assert versions.evaluation(version, hash_with(2)).metrics["top1"].value == (20 + 65) / 200
    assert versions.evaluation(version, hash_with(1)) is None


def test_a_version_contains_the_judges_of_its_evaluation_not_the_current_ones(run, versions):
    gate_version(versions, 1)
    run(create_lifecycle(JUDGED).to_nodes(f"{JUDGED}.evaluate"))
    gate_version(versions, 2)
    run(create_lifecycle(JUDGED))
    version = versions.get(JUDGED, "challenger")
    assert versions.card(version).lineage.judges == {JUDGE: "1"}
    assert versions.evaluation(version, hash_with(1)).metrics["top1"].value == (20 + 50) / 200
    assert versions.evaluation(version, hash_with(2)) is None


def test_a_new_judge_does_not_repeat_a_finished_job(run, versions, sketcher):
    gate_version(versions, 1)
    assert run(lifecycle_and_gate(), factor=60)["promote"]
    gate_version(versions, 2)
    sketcher.evaluated.clear()
    verdict = run(lifecycle_and_gate(), factor=60)
    assert verdict["challenger"] == "1"
    assert [version.number for version in versions.history(JUDGED)] == [1]
    assert sketcher.evaluated == []


def test_challenger_and_champion_are_compared_with_the_current_judge(run, versions, sketcher):
    gate_version(versions, 1)
    run(lifecycle_and_gate(), factor=60)
    run(create_lifecycle(JUDGED), factor=90)
    gate_version(versions, 3)
    sketcher.evaluated.clear()
    (compared, *_) = run(gate(), factor=90)["comparisons"]
    assert sketcher.evaluated == [(90, "3"), (60, "3")]
    assert (compared["challenger"]["value"], compared["champion"]["value"]) == ((90 + 80) / 200, (60 + 80) / 200)
    assert versions.aliases(JUDGED) == {"champion": 2, "previous": 1}


def test_a_verdict_is_valid_until_the_judge_changes_and_again_after_its_rollback(run, versions, sketcher):
    gate_version(versions, 1)
    run(lifecycle_and_gate(), factor=60)
    run(create_lifecycle(JUDGED), factor=55)
    rejected = run(gate(), factor=55)
    assert not rejected["promote"]
    sketcher.evaluated.clear()
    assert run(gate(), factor=55) == rejected
    assert sketcher.evaluated == []
    gate_version(versions, 2)
    assert not run(gate(), factor=55)["promote"]
    assert sketcher.evaluated == [(55, "2"), (60, "2")]
    roll_back(versions, JUDGE)
    assert run(gate(), factor=55)["inputs_hash"] == rejected["inputs_hash"]
    assert len(sketcher.evaluated) == 2


def test_other_evaluation_settings_evaluate_challenger_and_champion_again(run, versions, sketcher):
    gate_version(versions, 1)
    run(lifecycle_and_gate(), factor=60)
    run(create_lifecycle(JUDGED), factor=90)
    sketcher.evaluated.clear()
    run(create_lifecycle(JUDGED), factor=90, samples=100)
    assert sketcher.evaluated == []  # the model is the same
    assert run(gate(), factor=90, samples=100)["promote"]
    assert sketcher.evaluated == [(90, "1"), (60, "1")]


def test_results_are_stored_with_the_settings_of_their_evaluation(run, versions):
    gate_version(versions, 1)
    run(create_lifecycle(JUDGED).to_nodes(f"{JUDGED}.evaluate"))
    run(create_lifecycle(JUDGED), samples=100)
    assert versions.evaluation(versions.get(JUDGED, "challenger"), hash_with(1)) is not None


def test_a_judged_family_can_be_rolled_back_after_its_judge_has_changed(run, versions):
    gate_version(versions, 1)
    run(lifecycle_and_gate(), factor=60)
    run(lifecycle_and_gate(), factor=90)
    gate_version(versions, 2)
    record = roll_back(versions, JUDGED)
    assert (record.left, record.champion) == ("2", "1")
    assert versions.aliases(JUDGED) == {"champion": 1}
    assert run(gate(), factor=90)["challenger"] == "2"


def test_with_nothing_registered_the_gate_needs_no_judge(run, versions, capsys):
    assert run(gate()) == {}
    assert f"{JUDGED}: no challenger to gate, and no champion yet." in capsys.readouterr().out


def test_the_judge_is_promoted_before_it_is_used(monkeypatch):
    register_sketcher(monkeypatch, DrawingInputs, "quickdraw_classifier")
    names = [node.name for node in register_pipelines()["__default__"].nodes]
    judge = names.index("promote.quickdraw_classifier")
    assert judge < names.index(f"{JUDGED}.start")
    needs = {
        node.name: {needed.name for needed in nodes} for node, nodes in create_pipeline().node_dependencies.items()
    }
    assert needs[f"promote.{JUDGED}"] == {"promote.quickdraw_classifier"}


def test_the_key_of_a_job_does_not_depend_on_the_judges(run, versions, tmp_path):
    keys = []
    for number in (1, 2):
        gate_version(versions, number)
        run(create_lifecycle(JUDGED))
        keys.append(json.loads((tmp_path / "models" / JUDGED / "job.json").read_text())["key"])
    assert keys[0] == keys[1]
