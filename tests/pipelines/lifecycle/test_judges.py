"""A family that another family's champion judges, through its lifecycle, the gate and the way back.

The judges are versions 1 to 4 of the line-up in `tests.helpers.registries`, which answer 1 with 100, 130, 160 and 110.
The judged family gets as many of 200 test items right as its own model and the judge's answer tell together.
"""

import json
from dataclasses import dataclass

import numpy as np
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import AtelierError
from atelier.model_card import ModelSpec, Tensor
from atelier.onnx.model import OnnxModel
from atelier.registry.gate.settings import GateSettings, Rule
from atelier.registry.models import Registry
from atelier.registry.rollback import roll_back
from atelier.registry.tracking import lineage
from atelier.settings import Settings
from pipelines.datasets import PathDataset, StateDataset
from pipelines.lifecycle.contracts import ExportReport, FamilyInputs, FamilySettings, Judge
from pipelines.lifecycle.pipeline import STEPS, create_lifecycle
from pipelines.lifecycle.tuning import FloatRange, TuningSettings
from pipelines.pipeline_registry import register_pipelines
from pipelines.promote.pipeline import create_pipeline
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
    """A family without a training; records what was evaluated."""

    def __init__(self):
        self.evaluated = []

    def train(self, inputs, settings, log, folder):
        folder.mkdir(exist_ok=True)

    def export(self, inputs, settings, folder, target):
        write_model(target, settings.factor)
        spec = ModelSpec.single(inputs=(X,), outputs=(Y,), intended_use="Tests.", limits="None.")
        return ExportReport(spec=spec, parameters=1, parity={"model": 0.0})

    def evaluate(self, inputs, model: OnnxModel, spec, settings, doubler: Judge):
        own, said = model(x=ONE)["y"].item(), doubler.model(x=ONE)["y"].item()
        assert doubler.spec.intended_use == "Doubling."
        self.evaluated.append((int(own), doubler.version))
        return evaluation(right=int(own + said / 2))


@pytest.fixture
def sketcher(monkeypatch):
    return entered(monkeypatch, SketcherInputs, JUDGE)


def entered(monkeypatch, inputs, judge):
    made = Sketcher()
    functions = {"train": made.train, "export": made.export, "evaluate": made.evaluate}
    register_family(monkeypatch, JUDGED, SketcherSettings, inputs, (judge,), **functions)
    return made


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "prepared"
    folder.mkdir()
    (folder / "manifest.json").write_text(manifest().model_dump_json())
    return folder


@pytest.fixture
def run(sketcher, data, versions, tmp_path):
    """Run the judged family's lifecycle, or nodes of it, or its gate; what its gate said."""
    folder = tmp_path / "models" / JUDGED

    def run_nodes(pipeline, factor=20, samples=200):
        settings = SketcherSettings(factor=factor, evaluation=SketcherEvaluation(samples=samples))
        catalog = DataCatalog(
            {
                f"params:{JUDGED}": MemoryDataset(settings),
                "tuned": MemoryDataset({JUDGED: {}}),
                "registry": MemoryDataset(Registry(versions.uri), copy_mode="assign"),
                "points.prepared": MemoryDataset(PreparedData(data), copy_mode="assign"),
                f"{JUDGED}.folder": PathDataset(str(folder)),
                f"{JUDGED}.job": PathDataset(str(folder / "job.json")),
                **{f"{JUDGED}.{product}": PathDataset(str(folder / product)) for _, product in STEPS.values()},
                **{f"{name}.verdict": StateDataset(str(tmp_path / f"{name}.json")) for name in (JUDGED, JUDGE)},
            }
        )
        SequentialRunner().run(pipeline, catalog)
        return catalog.load(f"{JUDGED}.verdict")

    return run_nodes


def gate():
    return create_pipeline().only_nodes(f"promote.{JUDGED}")


def whole():
    return create_lifecycle(JUDGED) + gate()


def under(judge):
    """What results by this version of the judge are kept by."""
    return lineage.test_hash(
        {"points.test": manifest().split_hashes["test"]},
        {JUDGE: str(judge)},
        {"evaluation": {"samples": 200}, "code": "code"},
    )


def test_without_a_judge_nothing_is_begun_and_a_sentence_says_what_to_do(run, versions, tmp_path):
    with pytest.raises(AtelierError, match=rf"judged by the champion of {JUDGE}, .* --pipelines {JUDGE},promote"):
        run(create_lifecycle(JUDGED))
    assert not (tmp_path / "models").exists()


def test_a_judge_that_the_gate_kept_out_is_named_with_its_reason(run, versions):
    gate_version(versions, 4, GATE.model_copy(update={"rules": {"top1": Rule(tolerance=0.01, floor=0.9)}}))
    with pytest.raises(AtelierError, match="v4 rejected: top1"):
        run(create_lifecycle(JUDGED))


def test_a_version_names_the_judges_that_evaluated_it(run, versions):
    gate_version(versions, 2)
    run(create_lifecycle(JUDGED))
    version = versions.get(JUDGED, "challenger")
    assert versions.card(version).lineage.judges == {JUDGE: "2"}
    assert version.tags[f"judge.{JUDGE}"] == "2"
    assert versions.evaluation(version, under(2)).metrics["top1"].value == (20 + 65) / 200
    assert versions.evaluation(version, under(1)) is None


def test_a_run_killed_before_registering_names_the_judges_that_evaluated_not_those_of_today(run, versions):
    gate_version(versions, 1)
    run(create_lifecycle(JUDGED).to_nodes(f"{JUDGED}.evaluate"))
    gate_version(versions, 2)
    run(create_lifecycle(JUDGED))
    version = versions.get(JUDGED, "challenger")
    assert versions.card(version).lineage.judges == {JUDGE: "1"}
    assert versions.evaluation(version, under(1)).metrics["top1"].value == (20 + 50) / 200
    assert versions.evaluation(version, under(2)) is None


def test_a_new_judge_changes_nothing_for_what_is_done_and_promoted(run, versions, sketcher):
    gate_version(versions, 1)
    assert run(whole(), factor=60)["promote"]
    gate_version(versions, 2)
    sketcher.evaluated.clear()
    verdict = run(whole(), factor=60)
    assert verdict["challenger"] == "1"
    assert [version.number for version in versions.history(JUDGED)] == [1]
    assert sketcher.evaluated == []


def test_challenger_and_champion_are_compared_under_the_judge_of_today(run, versions, sketcher):
    gate_version(versions, 1)
    run(whole(), factor=60)
    run(create_lifecycle(JUDGED), factor=90)
    gate_version(versions, 3)
    sketcher.evaluated.clear()
    (compared, *_) = run(gate(), factor=90)["comparisons"]
    assert sketcher.evaluated == [(90, "3"), (60, "3")]
    assert (compared["challenger"]["value"], compared["champion"]["value"]) == ((90 + 80) / 200, (60 + 80) / 200)
    assert versions.aliases(JUDGED) == {"champion": 2, "previous": 1}


def test_an_answer_holds_until_the_judge_changes_and_is_remembered_when_it_comes_back(run, versions, sketcher):
    gate_version(versions, 1)
    run(whole(), factor=60)
    run(create_lifecycle(JUDGED), factor=55)
    kept_out = run(gate(), factor=55)
    assert not kept_out["promote"]
    sketcher.evaluated.clear()
    assert run(gate(), factor=55) == kept_out
    assert sketcher.evaluated == []
    gate_version(versions, 2)
    assert not run(gate(), factor=55)["promote"]
    assert sketcher.evaluated == [(55, "2"), (60, "2")]
    roll_back(versions, JUDGE)
    assert run(gate(), factor=55)["inputs_hash"] == kept_out["inputs_hash"]
    assert len(sketcher.evaluated) == 2


def test_what_was_measured_otherwise_is_measured_again_on_both_sides(run, versions, sketcher):
    gate_version(versions, 1)
    run(whole(), factor=60)
    run(create_lifecycle(JUDGED), factor=90)
    sketcher.evaluated.clear()
    run(create_lifecycle(JUDGED), factor=90, samples=100)
    assert sketcher.evaluated == []  # no other model
    assert run(gate(), factor=90, samples=100)["promote"]
    assert sketcher.evaluated == [(90, "1"), (60, "1")]


def test_results_are_kept_by_how_they_were_measured_not_by_what_was_asked_later(run, versions):
    gate_version(versions, 1)
    run(create_lifecycle(JUDGED).to_nodes(f"{JUDGED}.evaluate"))
    run(create_lifecycle(JUDGED), samples=100)
    assert versions.evaluation(versions.get(JUDGED, "challenger"), under(1)) is not None


def test_the_way_back_of_a_judged_family_stays_open_when_its_judge_changes(run, versions):
    gate_version(versions, 1)
    run(whole(), factor=60)
    run(whole(), factor=90)
    gate_version(versions, 2)
    record = roll_back(versions, JUDGED)
    assert (record.left, record.champion) == ("2", "1")
    assert versions.aliases(JUDGED) == {"champion": 1}
    assert run(gate(), factor=90)["challenger"] == "2"


def test_with_nothing_registered_the_gate_needs_no_judge(run, versions, capsys):
    assert run(gate()) == {}
    assert f"{JUDGED}: no challenger to gate, and no champion yet." in capsys.readouterr().out


def test_the_judge_is_promoted_before_it_judges(monkeypatch):
    entered(monkeypatch, DrawingInputs, "quickdraw_classifier")
    names = [node.name for node in register_pipelines()["__default__"].nodes]
    judge = names.index("promote.quickdraw_classifier")
    assert judge < names.index(f"{JUDGED}.start")
    needs = {
        node.name: {needed.name for needed in nodes} for node, nodes in create_pipeline().node_dependencies.items()
    }
    assert needs[f"promote.{JUDGED}"] == {"promote.quickdraw_classifier"}


def test_what_a_family_is_made_from_does_not_name_its_judges(run, versions, tmp_path):
    keys = []
    for number in (1, 2):
        gate_version(versions, number)
        run(create_lifecycle(JUDGED))
        keys.append(json.loads((tmp_path / "models" / JUDGED / "job.json").read_text())["key"])
    assert keys[0] == keys[1]
