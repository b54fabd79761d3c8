"""A finished job whose version, alias or run was removed from the registry is registered again, not trained again."""

from dataclasses import dataclass

import numpy as np
import pytest

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import AtelierError
from atelier.model_card import ModelSpec, Tensor
from atelier.registry.gate.settings import GateSettings
from atelier.registry.rollback import roll_back
from atelier.registry.status import status
from pipelines.lifecycle.contracts import ExportReport, FamilyInputs, FamilySettings
from pipelines.lifecycle.pipeline import create_lifecycle
from pipelines.lifecycle.tuning import FloatRange, TuningSettings
from pipelines.promote.pipeline import create_pipeline
from tests.helpers.lifecycle_runs import run_nodes
from tests.helpers.onnx_graphs import write_model
from tests.helpers.registered_families import register_family
from tests.helpers.registries import GATE, evaluation, manifest, remove_run
from tests.helpers.tuning import make_tuning

NAME = "multiplier"
ONE = np.ones((1, 1), np.float32)


class MultiplierSettings(FamilySettings):
    factor: float
    gate: GateSettings = GATE
    tuning: TuningSettings = make_tuning(metric="loss", space={"factor": FloatRange(low=1, high=2)})


@dataclass(frozen=True)
class MultiplierInputs(FamilyInputs):
    points: PreparedData


@pytest.fixture
def trainings(monkeypatch):
    """The factors of the models that were trained; a factor is also the number of correct test items."""
    trained = []

    def train(inputs, settings, log, folder):
        trained.append(settings.factor)
        folder.mkdir(exist_ok=True)

    def export(inputs, settings, folder, target):
        write_model(target, settings.factor)
        x, y = (Tensor(name=name, dtype="float32", shape=("batch", 1)) for name in "xy")
        spec = ModelSpec.single(inputs=(x,), outputs=(y,), intended_use="Tests.", limits="None.")
        return ExportReport(spec=spec, parameters=1, parity={"model": 0.0})

    def evaluate(inputs, model, spec, settings):
        return evaluation(right=int(model(x=ONE)["y"].item()))

    functions = {"train": train, "export": export, "evaluate": evaluate}
    register_family(monkeypatch, NAME, MultiplierSettings, MultiplierInputs, **functions)
    return trained


@pytest.fixture
def run(trainings, registry, tmp_path):
    """Run lifecycle and gate; returns the verdict."""
    points = tmp_path / "points"
    points.mkdir()
    (points / "manifest.json").write_text(manifest().model_dump_json())
    gate = create_pipeline().only_nodes(f"promote.{NAME}")

    def run_family(factor):
        settings = MultiplierSettings(factor=factor)
        return run_nodes(create_lifecycle(NAME) + gate, NAME, settings, registry, points, tmp_path / "models")

    return run_family


def test_a_deleted_version_is_registered_again(run, registry, trainings):
    run(120)
    registry.client.delete_registered_model(NAME)
    assert run(120)["promote"]
    assert registry.aliases(NAME) == {"champion": 1}
    assert trainings == [120]


def test_a_deleted_alias_sends_the_last_training_through_the_gate_again(run, registry, trainings):
    run(120)
    registry.remove_alias(NAME, "champion")
    assert run(120)["promote"]
    assert registry.aliases(NAME) == {"champion": 1}
    assert [version.number for version in registry.history(NAME)] == [1]
    assert trainings == [120]


def test_a_champion_whose_run_was_deleted_counts_as_none_and_the_last_training_is_registered_again(
    run, registry, trainings, caplog
):
    run(120)
    remove_run(registry, 1, NAME)
    assert run(120)["promote"]
    assert f"{NAME} v1 is champion, but its run" in caplog.text
    assert registry.aliases(NAME)["champion"] == 2
    assert registry.card(registry.get(NAME, "champion")).metrics["top1"].value == 120 / 200
    assert trainings == [120]


def test_a_challenger_whose_run_was_deleted_counts_as_none_and_is_registered_again(run, registry, trainings, caplog):
    run(160)
    assert not run(120)["promote"]
    remove_run(registry, 2, NAME)
    assert not run(120)["promote"]
    assert f"{NAME} v2 is challenger, but its run" in caplog.text
    assert registry.aliases(NAME) == {"champion": 1, "challenger": 3}
    assert trainings == [160, 120]


def test_a_predecessor_whose_run_was_deleted_cannot_become_champion_again(run, registry):
    run(120)
    run(160)
    remove_run(registry, 1, NAME)
    with pytest.raises(AtelierError, match=f"{NAME} v1 has lost its card .* {NAME} v2 stays champion"):
        roll_back(registry, NAME)
    assert registry.aliases(NAME)["champion"] == 2


def test_verdicts_and_cards_of_a_later_atelier_can_be_read(run, registry):
    run(120)
    champion = registry.get(NAME, "champion")
    verdict = champion.tags["mlflow.atelier.verdict"]
    registry.set_tag(champion, "mlflow.atelier.verdict", verdict.replace("{", '{"unknown": 1,', 1))
    card = registry.card(champion).model_dump_json().replace("{", '{"unknown": 1,', 1)
    registry.client.log_text(champion.run_id, card, "card.json")
    found = status(registry, NAME)
    assert found.verdict.promote
    assert found.metrics["top1"].value == 120 / 200


def test_a_verdict_that_cannot_be_read_counts_as_none(run, registry, caplog):
    run(120)
    registry.set_tag(registry.get(NAME, "champion"), "mlflow.atelier.verdict", '{"family": 1}')
    assert status(registry, NAME).verdict is None
    assert "cannot be read and is ignored" in caplog.text
