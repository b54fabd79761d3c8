import json
from types import ModuleType

import pytest
from mlflow import MlflowClient

from atelier.errors import AtelierError, BadInputError
from pipelines.augment import challenge, experiment, nodes
from pipelines.augment.champions import Champion
from pipelines.augment.settings import AugmentSettings
from pipelines.augment.training_run import work
from tests.helpers.onnx_graphs import generator_spec, write_generator
from tests.helpers.registered_families import register_family
from tests.helpers.registries import GATE, empty_registry
from tests.pipelines.augment.conftest import LABELS, write_filter
from tests.pipelines.augment.test_generated import NOISE, pictures
from tests.pipelines.augment.test_settings import SMALLEST

TOY = '''
"""A classifier that gets the more test items right the more drawings it has learned from."""

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
"""(drawings, epoch) of each epoch that was trained."""
die_after = [1000]


def train(inputs, settings: ToySettings, log, folder):
    greys = inputs.greys
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "epoch"
    items = len(greys.split("train")["label"])
    for epoch in range(int(done.read_text()) if done.exists() else 0, settings.training.epochs):
        if len(trained) >= die_after[0]:
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
    return Evaluation(metrics, {"top1": top1}, greys.split("test")["id"][:], {"grid.png": b"png"}, {})
'''
TUNING = {"metric": "loss", "space": {"training.epochs": {"kind": "int", "low": 1, "high": 9}}}


class Bench:
    """An empty project with a toy classifier and an artist; trainings run in this process."""

    def __init__(self, folder, module, data):
        self.folder, self.module, self.data = folder / "augment", module, data
        self.registry = empty_registry(folder)

    def run(self, tuned=None, **changes):
        defaults = {"sizes": [3, None], "seeds": [0], "generated": 5, "overrides": {"training.epochs": 2}}
        settings = AugmentSettings.model_validate(SMALLEST | defaults | {"resamples": 100} | changes)
        parameters = {"toy": {"gate": GATE.model_dump(), "tuning": TUNING}}
        nodes.augment(settings, parameters, {"toy": tuned or {}}, self.registry, self.folder, greys=self.data)
        return json.loads((self.folder / "augmentation.json").read_text())

    def dies_after(self, epochs):
        self.module.die_after[0] = epochs

    @property
    def trained(self):
        return list(self.module.trained)

    def runs(self):
        client = MlflowClient(self.registry.uri)
        return client.search_runs([client.get_experiment_by_name("atelier/augment").experiment_id])


@pytest.fixture
def bench(tmp_path, monkeypatch, greys):
    module = ModuleType("toy")
    exec(TOY, module.__dict__)
    functions = {name: getattr(module, name) for name in ("train", "export", "evaluate")}
    for name in ("toy", "artist"):
        register_family(monkeypatch, name, module.ToySettings, module.ToyInputs, **functions)
    for user in (experiment, challenge):
        monkeypatch.setattr(user, "run_cells", run_here)
    artist = write_generator(tmp_path / "artist.onnx", pictures(), NOISE)
    critic = generator_spec(LABELS, NOISE)  # only its labels are looked at
    found = {
        "artist": Champion("artist v3", artist, generator_spec(LABELS, NOISE)),
        "toy": Champion("toy v1", write_filter(tmp_path / "critic.onnx"), critic),
    }
    monkeypatch.setattr(nodes, "champion", lambda registry, family: found[family])
    return Bench(tmp_path, module, greys)


def run_here(cells, workers, logs, lock, report):
    for cell in cells:
        work(cell)
        report(cell)


def test_every_size_is_trained_with_and_without_once_a_seed_and_compared(bench, capsys):
    found = bench.run(seeds=[0, 2])
    small, everything = found["sizes"]
    assert [len(seeds["seeds_with"]) for seeds in found["sizes"]] == [2, 2]
    assert (small["real"], everything["real"]) == (9, 27)
    assert small["generated"] == everything["generated"] == sum(row["kept"] for row in found["generated"].values())
    # The toy is right on as many of 60 test items as it saw drawings, and one more for each number of its seed.
    assert small["seeds_without"] == [9 / 60, 11 / 60]
    assert small["seeds_with"] == [(9 + small["generated"]) / 60, (11 + small["generated"]) / 60]
    assert small["difference"]["value"] == pytest.approx(small["generated"] / 60)
    assert bench.trained == [(items, epoch) for items, _ in bench.trained[::2] for epoch in (0, 1)]
    said = capsys.readouterr().out
    assert small["recommendation"] in said
    assert "augment.challenge=true" in said


def test_mlflow_has_a_run_with_table_and_plot_and_below_it_one_a_training(bench):
    found = bench.run(seeds=[0, 2])
    parents = [run for run in bench.runs() if "mlflow.parentRunId" not in run.data.tags]
    children = {run.info.run_name: run for run in bench.runs() if "mlflow.parentRunId" in run.data.tags}
    assert len(parents) == 1
    assert len(children) == 8
    parent = parents[0]
    assert parent.data.params["augment.generator"] == "artist v3"
    assert parent.data.params["augment.filter"] == "toy v1"
    assert [data.dataset.name for data in parent.inputs.dataset_inputs] == ["greys"]
    assert parent.data.metrics["gain_all"] == found["sizes"][1]["difference"]["value"]
    client = MlflowClient(bench.registry.uri)
    files = {
        file.path for folder in ("tables", "pictures") for file in client.list_artifacts(parent.info.run_id, folder)
    }
    assert files == {"tables/augmentation.json", "tables/augmentation.md", "pictures/augmentation.png"}
    child = children["3 drawings a class, with generated ones, seed 2"]
    assert child.data.metrics["test_top1"] == found["sizes"][0]["seeds_with"][1]
    assert {"loss", "test_top1_low"} <= child.data.metrics.keys()
    assert child.data.params["training.epochs"] == "2"
    assert child.data.params["augment.size"] == "3"
    assert {run.info.status for run in bench.runs()} == {"FINISHED"}


@pytest.mark.parametrize("epochs", [1, 6])
def test_a_killed_experiment_goes_on_where_it_was_and_ends_the_same(bench, tmp_path, epochs):
    bench.dies_after(epochs)
    with pytest.raises(KeyboardInterrupt):
        bench.run()
    bench.dies_after(1000)
    found = bench.run()
    assert len(bench.trained) == 8  # no epoch twice
    assert {run.info.status for run in bench.runs()} == {"FINISHED"}
    (tmp_path / "unbroken").mkdir()
    assert found == Bench(tmp_path / "unbroken", bench.module, bench.data).run()


def test_what_was_measured_before_is_not_trained_again(bench):
    bench.run(sizes=[3])
    before = bench.trained
    assert bench.run(sizes=[3], workers=7) == bench.run(sizes=[3])
    assert bench.trained == before
    bench.run(sizes=[3, 5])
    assert len(bench.trained) == 2 * len(before)  # the new size only


def test_other_drawings_train_only_what_gets_them_anew(bench):
    bench.run(sizes=[3])
    before = len(bench.trained)
    bench.run(sizes=[3], generated=4)
    assert len(bench.trained) == before + before / 2


def test_finished_trainings_leave_results_and_no_weights(bench):
    bench.run()
    names = {path.name for path in bench.folder.glob("cells/*/**/*") if path.is_file()}
    assert {"metrics.json", "items.npz", "job.json", "plan.json"} <= names
    assert not names & {"weights", "epoch", "model.onnx", "grid.png"}


def test_tuned_values_are_used_and_overrides_are_stronger(bench):
    bench.run(sizes=[3], tuned={"training.epochs": 5}, overrides={})
    assert max(epoch for _, epoch in bench.trained) == 4
    bench.run(sizes=[3], tuned={"training.epochs": 5}, overrides={"training.epochs": 6})
    assert max(epoch for _, epoch in bench.trained) == 5


def test_a_challenger_is_trained_with_its_own_parameters_and_left_to_the_gate(bench):
    bench.run(challenge=True)
    assert len(bench.trained) == 8 + 3  # its own three epochs, not the overridden two
    version = bench.registry.get("toy", "challenger")
    assert version is not None
    assert bench.registry.get("toy", "champion") is None
    assert set(bench.registry.card(version).lineage.generated) == {"generator", "filter"}
    assert bench.registry.card(version).metrics["top1"].value == bench.run()["sizes"][1]["seeds_with"][0]
    bench.run(challenge=True)
    assert len(bench.registry.history("toy")) == 1
    assert len(bench.trained) == 11


def test_where_they_do_not_help_nothing_is_registered(bench):
    bench.run(sizes=[3], challenge=True)  # helps, but all real drawings were not asked for
    assert bench.registry.history("toy") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"overrides": {"training.epoch": 1}}, "no setting 'training.epoch'. Did you mean training.epochs"),
        ({"overrides": {"training.epochs": "many"}}, "training.epochs"),
        ({"classifier": "toi"}, "no family 'toi'.*toy"),
        ({"generator": "artists"}, "no family 'artists'.*artist"),
    ],
)
def test_wrong_parameters_are_explained_before_anything_is_done(bench, changes, said):
    with pytest.raises(BadInputError, match=said):
        bench.run(**changes)
    assert not bench.folder.exists()
    assert bench.trained == []


def test_a_second_experiment_in_the_same_folder_is_refused(bench, monkeypatch):
    def run_another(cells, workers, logs, lock, report):
        with pytest.raises(AtelierError, match="Another process"):
            bench.run()
        run_here(cells, workers, logs, lock, report)

    monkeypatch.setattr(nodes, "_PATIENCE_S", 0)
    monkeypatch.setattr(experiment, "run_cells", run_another)
    assert len(bench.run(sizes=[3])["sizes"]) == 1
