import io

import optuna
import pytest
from rich.console import Console

from pipelines.tune.tables import best_first, best_trials_table, importances, importances_table
from tests.helpers.tuning import make_tuning

SPACE = {"a.x": {"kind": "float", "low": 0, "high": 1}, "a.y": {"kind": "float", "low": 0, "high": 1}}
TUNING = make_tuning(space=SPACE)


def study_of(values, direction="maximize"):
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(seed=0))
    for value in values:
        trial = study.ask()
        x, _ = trial.suggest_float("a.x", 0, 1), trial.suggest_float("a.y", 0, 1)
        if value == "pruned":
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, x if value == "x" else value)
    return study


def text_of(table):
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


@pytest.mark.parametrize(("direction", "order"), [("maximize", [2, 3, 0]), ("minimize", [0, 2, 3])])
def test_trials_are_sorted_by_value_and_then_by_number(direction, order):
    study = study_of([1.0, "pruned", 2.0, 2.0], direction)
    assert [trial.number for trial in best_first(study)] == order


def test_the_important_parameter_is_found():
    found = importances(study_of(["x"] * 60))
    assert found["a.x"] > 0.8
    assert sum(found.values()) == pytest.approx(1)
    assert "a.x" in text_of(importances_table(found))


@pytest.mark.parametrize("values", [[], ["pruned"], [1.0], [1.0, 1.0]])
def test_no_importances_without_different_values(values):
    assert importances(study_of(values)) == {}


def test_the_table_has_the_parameters_of_the_best_trials():
    study = study_of([0.25, 0.75])
    text = text_of(best_trials_table(study, TUNING, rows=1))
    assert "0.75" in text
    assert "0.25" not in text
    assert f"{study.trials[1].params['a.x']:.4g}" in text
