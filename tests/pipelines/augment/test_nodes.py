import io
import json
import os
from contextlib import redirect_stdout
from types import ModuleType

import pytest
from mlflow import MlflowClient

from atelier.errors import AtelierError, BadInputError
from pipelines.augment import challenger, experiment, nodes
from pipelines.augment.champions import Champion
from pipelines.augment.settings import AugmentSettings
from pipelines.augment.training_run import run_training
from tests.helpers.onnx_graphs import generator_spec, write_generator
from tests.helpers.registered_families import register_family
from tests.helpers.registries import GATE, empty_registry
from tests.helpers.tuning import make_tuning
from tests.pipelines.augment.conftest import LABELS, write_filter, write_prepared
from tests.pipelines.augment.test_generated_drawings import NOISE, pictures
from tests.pipelines.augment.test_settings import SETTINGS

TOY = '''
"""A classifier that names as many test items correctly as it has training drawings."""

from dataclasses import dataclass

import numpy as np

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.bootstrap import bootstrap_mean
from atelier.evaluation.results import Evaluation
from atelier.settings import Settings
from pipelines.lifecycle.contracts import ExportReport, FamilyInputs, FamilySettings
from tests.helpers.onnx_graphs import write_model
from tests.helpers.registries import card


class Training(Settings):
    seed: int = 0
    epochs: int = 3


class ToySettings(FamilySettings):
    training: Training = Training()


@dataclass(frozen=True)
class ToyInputs(FamilyInputs):
    greys: PreparedData


trained = []
"""(number of drawings, epoch) of each epoch that was trained."""
stop_after_epochs = [1000]


def train(inputs, settings: ToySettings, log, folder):
    greys = inputs.greys
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "epoch"
    items = len(greys.split("train")["label"])
    for epoch in range(int(done.read_text()) if done.exists() else 0, settings.training.epochs):
        if len(trained) >= stop_after_epochs[0]:
            raise KeyboardInterrupt
        trained.append((items, epoch))
        log({"loss": 1 / (epoch + items)}, epoch)
        done.write_text(str(epoch + 1))
    (folder / "weights").write_text(str(items + settings.training.seed))


def export(inputs, settings, folder, target):
    write_model(target, factor=float((folder / "weights").read_text()))
    return ExportReport(spec=card().spec, parameters=1, parity={"model": 0.0})


def evaluate(inputs, model, spec, settings):
    greys = inputs.greys
    right = int(model(x=np.ones((1, 1), np.float32))["y"].item())
    top1 = (np.arange(60) < right).astype(float)
    metrics = {"top1": bootstrap_mean(top1, 50), "ece": bootstrap_mean(np.full(60, 0.1), 50)}
    return Evaluation(metrics, {"top1": top1}, greys.split("test")["id"][:], {"sheet.png": b"png"}, {})
'''
TUNING = make_tuning(metric="loss", space={"training.epochs": {"kind": "int", "low": 1, "high": 9}}).model_dump()


class Project:
    """An empty project with a toy classifier and a toy generator; trainings run in this process."""

    def __init__(self, folder, module, data):
        self.folder, self.module, self.data = folder / "augment", module, data
        self.registry = empty_registry(folder)

    def run(self, tuned=None, **changes):
        defaults = {"sizes": [3, None], "seeds": [0], "generated": 5, "overrides": {"training.epochs": 2}}
        settings = AugmentSettings.model_validate(SETTINGS | defaults | {"resamples": 100} | changes)
        parameters = {"toy": {"gate": GATE.model_dump(), "tuning": TUNING}}
        nodes.augment(settings, parameters, {"toy": tuned or {}}, self.registry, self.folder, greys=self.data)
        return json.loads((self.folder / "augmentation.json").read_text())

    def stop_after(self, epochs):
        self.module.stop_after_epochs[0] = epochs

    @property
    def trained(self):
        return list(self.module.trained)

    def runs(self):
        client = MlflowClient(self.registry.uri)
        return client.search_runs([client.get_experiment_by_name("atelier/augment").experiment_id])


def make_project(folder, monkeypatch):
    """A project whose trainings run in this process, until `monkeypatch` is undone."""
    module = ModuleType("toy")
    exec(TOY, module.__dict__)
    functions = {name: getattr(module, name) for name in ("train", "export", "evaluate")}
    for name in ("toy", "toy_generator"):
        register_family(monkeypatch, name, module.ToySettings, module.ToyInputs, **functions)
    for module_that_trains in (experiment, challenger):
        monkeypatch.setattr(module_that_trains, "run_in_workers", run_here)
    generator = write_generator(folder / "generator.onnx", pictures(), NOISE)
    filter_spec = generator_spec(LABELS, NOISE)  # only its labels are used
    found = {
        "toy_generator": Champion("toy_generator v3", generator, generator_spec(LABELS, NOISE)),
        "toy": Champion("toy v1", write_filter(folder / "filter.onnx"), filter_spec),
    }
    monkeypatch.setattr(nodes, "find_champion", lambda registry, family: found[family])
    return Project(folder, module, write_prepared(folder / "greys"))


@pytest.fixture
def toy_project(tmp_path, monkeypatch):
    return make_project(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def finished_projects(tmp_path_factory):
    """Seeds → a project in which the experiment with these seeds has finished, its results, and what it printed.

    Tests that only read share them.
    """
    found = {}
    for seeds in ((0,), (0, 2)):
        with pytest.MonkeyPatch.context() as monkeypatch, redirect_stdout(io.StringIO()) as output:
            project = make_project(tmp_path_factory.mktemp("finished"), monkeypatch)
            found[seeds] = (project, project.run(seeds=seeds), output.getvalue())
    return found


def run_here(folders, workers, logs, lock, report):
    for folder in folders:
        run_training(folder)
        report(folder)


def test_every_size_is_trained_with_and_without_once_a_seed_and_compared(finished_projects):
    project, found, printed = finished_projects[0, 2]
    small, everything = found["sizes"]
    assert [len(seeds["seeds_with"]) for seeds in found["sizes"]] == [2, 2]
    assert (small["real"], everything["real"]) == (9, 27)
    assert small["generated"] == everything["generated"] == sum(row["kept"] for row in found["generated"].values())
    # The toy classifier is right on as many of the 60 test items as it has training drawings, plus its seed.
    assert small["seeds_without"] == [9 / 60, 11 / 60]
    assert small["seeds_with"] == [(9 + small["generated"]) / 60, (11 + small["generated"]) / 60]
    assert small["difference"]["value"] == pytest.approx(small["generated"] / 60)
    assert project.trained == [(items, epoch) for items, _ in project.trained[::2] for epoch in (0, 1)]
    assert small["recommendation"] in printed
    assert "augment.register_challenger=true" in printed


def test_mlflow_has_a_run_with_table_and_plot_and_a_child_run_for_each_training(finished_projects):
    project, found, _ = finished_projects[0, 2]
    parents = [run for run in project.runs() if "mlflow.parentRunId" not in run.data.tags]
    children = {run.info.run_name: run for run in project.runs() if "mlflow.parentRunId" in run.data.tags}
    assert len(parents) == 1
    assert len(children) == 8
    parent = parents[0]
    assert parent.data.params["augment.generator"] == "toy_generator v3"
    assert parent.data.params["augment.filter"] == "toy v1"
    assert [data.dataset.name for data in parent.inputs.dataset_inputs] == ["greys"]
    assert parent.data.metrics["gain_all"] == found["sizes"][1]["difference"]["value"]
    client = MlflowClient(project.registry.uri)
    files = {
        file.path for folder in ("tables", "pictures") for file in client.list_artifacts(parent.info.run_id, folder)
    }
    assert files == {"tables/augmentation.json", "tables/augmentation.md", "pictures/augmentation.png"}
    child = children["3 drawings a class, with generated ones, seed 2"]
    assert child.data.metrics["test_top1"] == found["sizes"][0]["seeds_with"][1]
    assert {"loss", "test_top1"} <= child.data.metrics.keys()
    assert child.data.params["training.epochs"] == "2"
    assert child.data.params["augment.size"] == "3"
    assert {run.info.status for run in project.runs()} == {"FINISHED"}


@pytest.mark.parametrize("epochs", [1, 6])
def test_a_killed_experiment_resumes_and_ends_as_the_unbroken_one(toy_project, finished_projects, epochs):
    toy_project.stop_after(epochs)
    with pytest.raises(KeyboardInterrupt):
        toy_project.run()
    toy_project.stop_after(1000)
    found = toy_project.run()
    assert len(toy_project.trained) == 8  # no epoch twice
    assert {run.info.status for run in toy_project.runs()} == {"FINISHED"}
    assert found == finished_projects[0,][1]


def test_what_was_measured_before_is_not_trained_again(toy_project):
    toy_project.run(sizes=[3])
    before = toy_project.trained
    assert toy_project.run(sizes=[3], workers=7) == toy_project.run(sizes=[3])
    assert toy_project.trained == before
    toy_project.run(sizes=[3, 5])
    assert len(toy_project.trained) == 2 * len(before)  # the new size only


def test_other_drawings_train_only_what_gets_them_anew(toy_project):
    toy_project.run(sizes=[3])
    before = len(toy_project.trained)
    toy_project.run(sizes=[3], generated=4)
    assert len(toy_project.trained) == before + before / 2


def test_finished_trainings_leave_results_and_no_weights(finished_projects):
    project, *_ = finished_projects[0,]
    names = {path.name for path in project.folder.glob("runs/*/**/*") if path.is_file()}
    assert {"metrics.json", "items.npz", "job.json", "run.json"} <= names
    assert not names & {"weights", "epoch", "model.onnx", "sheet.png"}


def test_tuned_values_are_used_and_overrides_are_stronger(toy_project):
    toy_project.run(sizes=[3], tuned={"training.epochs": 5}, overrides={})
    assert max(epoch for _, epoch in toy_project.trained) == 4
    toy_project.run(sizes=[3], tuned={"training.epochs": 5}, overrides={"training.epochs": 6})
    assert max(epoch for _, epoch in toy_project.trained) == 5


def test_a_challenger_is_trained_with_its_own_parameters_and_left_to_the_gate(toy_project):
    toy_project.run(register_challenger=True)
    assert len(toy_project.trained) == 8 + 3  # its own three epochs, not the overridden two
    version = toy_project.registry.get("toy", "challenger")
    assert version is not None
    assert toy_project.registry.get("toy", "champion") is None
    assert set(toy_project.registry.card(version).lineage.generated) == {"generator", "filter"}
    assert toy_project.registry.card(version).metrics["top1"].value == toy_project.run()["sizes"][1]["seeds_with"][0]
    toy_project.run(register_challenger=True)
    assert len(toy_project.registry.history("toy")) == 1
    assert len(toy_project.trained) == 11


def test_where_they_do_not_help_nothing_is_registered(toy_project):
    toy_project.run(sizes=[3], register_challenger=True)  # helps, but all real drawings were not asked for
    assert toy_project.registry.history("toy") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"overrides": {"training.epoch": 1}}, "no setting 'training.epoch'. Did you mean training.epochs"),
        ({"overrides": {"training.epochs": "many"}}, "training.epochs"),
        ({"classifier": "toi"}, "no family 'toi'.*toy"),
        ({"generator": "toy_generators"}, "no family 'toy_generators'.*toy_generator"),
    ],
)
def test_wrong_parameters_are_explained_before_anything_is_done(toy_project, changes, said):
    with pytest.raises(BadInputError, match=said):
        toy_project.run(**changes)
    assert not toy_project.folder.exists()
    assert toy_project.trained == []


def test_a_second_experiment_in_the_same_folder_is_refused(toy_project, monkeypatch):
    def run_another(folders, workers, logs, lock, report):
        with pytest.raises(AtelierError, match=rf"experiment of toy.*by process {os.getpid()}"):
            toy_project.run()
        run_here(folders, workers, logs, lock, report)

    monkeypatch.setattr(nodes, "_PATIENCE_S", 0)
    monkeypatch.setattr(experiment, "run_in_workers", run_another)
    assert len(toy_project.run(sizes=[3])["sizes"]) == 1
