import os
import sys

import pytest
import yaml

from atelier.errors import AtelierError, BadInputError
from atelier.registry.tracking.run import attach
from pipelines.lifecycle.families import FAMILIES, Family
from pipelines.tune import nodes
from pipelines.tune.study import finished, open_study, run_trials
from pipelines.tune.trial import run_trial
from tests.helpers.registries import empty_registry
from tests.helpers.search_family import PACKAGE, write_family
from tests.helpers.tuning import make_tuning


@pytest.fixture
def tune(tmp_path, monkeypatch):
    """`tune` of a fake family in an empty project; the trials run in this process."""
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    monkeypatch.setitem(FAMILIES, "fake", Family(write_family(tmp_path / "code")))
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(nodes, "run_study", run_here)
    registry = empty_registry(tmp_path)

    def call(family="fake", trials=3, workers=1, blocks=None, **tuning):
        parameters = {"fake": {"training": {"epochs": 2}, "tuning": make_tuning(**tuning), **(blocks or {})}}
        tuned_file = tmp_path / "conf" / "tuned.yml"
        nodes.tune(family, trials, workers, parameters, registry, tmp_path / "tuning", tuned_file)
        return yaml.safe_load(tuned_file.read_text())["tuned"], tuned_file.read_text()

    return call


def run_here(spec, folder, lock, report):
    run = attach(spec.tracking_uri, spec.run_id)
    study = open_study(spec.storage, spec.study, spec.tuning)

    def objective(trial):
        checkpoints = folder / str(trial.number)
        checkpoints.mkdir()
        return run_trial(trial, spec, run, checkpoints)

    run_trials(study, spec.tuning, spec.trials, 0, objective, folder / "lock")
    for trial in finished(study):
        report(trial)
    return study


def test_best_values_are_printed_and_saved(tune, capsys):
    tuned, text = tune(trials=4)
    x = tuned["fake"]["training.x"]
    printed = capsys.readouterr().out
    assert f"{x:.4g}" in printed
    assert "Best trials by value" in printed
    assert f"value = {-2 * (x - 3) ** 2:.6g}" in text
    assert "best of 4 complete and 0 pruned trials" in text


def test_the_same_command_continues_the_study(tune, tmp_path):
    tune(trials=2)
    _, text = tune(trials=5)
    assert "best of 5 complete" in text
    assert len(list((tmp_path / "tuning" / "fake").glob("*/"))) == 1


def test_other_hardware_continues_the_study(tune, tmp_path):
    tune(trials=2)
    _, text = tune(trials=3, blocks={"hardware": {"device": "cuda"}})
    assert "best of 3 complete" in text
    assert len(list((tmp_path / "tuning" / "fake").glob("*/"))) == 1


def test_parameters_that_are_not_valid_are_explained(tune, tmp_path):
    with pytest.raises(BadInputError, match=r"parameters of fake are not valid. training\.epoch: "):
        tune(blocks={"training": {"epoch": 2}})
    assert not (tmp_path / "tuning").exists()


def test_a_second_search_is_refused_and_does_not_touch_the_run_of_the_first(tune, tmp_path, monkeypatch):
    def search_again(spec, folder, lock, report):
        with pytest.raises(AtelierError, match=rf"family fake is being run by process {os.getpid()}"):
            tune(trials=9)
        run = attach(spec.tracking_uri, spec.run_id)
        assert run.client.get_run(run.run_id).info.status == "RUNNING"
        assert run.tag_of("atelier.error") is None
        return run_here(spec, folder, lock, report)

    monkeypatch.setattr("pipelines.tune.workers._PATIENCE_S", 0)
    monkeypatch.setattr(nodes, "run_study", search_again)
    _, text = tune(trials=2)
    assert "best of 2 complete" in text


def test_another_space_is_another_study(tune, tmp_path):
    tune(trials=1)
    tuned, _ = tune(trials=1, space={"training.x": {"kind": "float", "low": 2, "high": 4}})
    assert 2 <= tuned["fake"]["training.x"] <= 4
    assert len(list((tmp_path / "tuning" / "fake").glob("*/"))) == 2


def test_overrides_hold_in_trials_only(tune):
    tuned, text = tune(trials=1, overrides={"training.epochs": 1})
    x = tuned["fake"]["training.x"]
    assert f"value = {-1 * (x - 3) ** 2:.6g}" in text
    assert set(tuned["fake"]) == {"training.x"}


def test_space_is_checked_before_the_first_trial(tune, tmp_path):
    with pytest.raises(BadInputError, match=r"training\.x = 11"):
        tune(space={"training.x": {"kind": "float", "low": 0, "high": 11}})
    assert not (tmp_path / "tuning").exists()


@pytest.mark.parametrize(("changes", "said"), [({"trials": 0}, "at least 1"), ({"family": "fkae"}, "fake")])
def test_wrong_commands_are_explained(tune, changes, said):
    with pytest.raises(BadInputError, match=said):
        tune(**changes)


def test_a_study_with_only_pruned_trials_saves_nothing(tune, tmp_path, monkeypatch):
    monkeypatch.setattr("optuna.Trial.should_prune", lambda trial: True)
    with pytest.raises(AtelierError, match="All 3 trials were pruned"):
        tune()
    assert not (tmp_path / "conf").exists()
