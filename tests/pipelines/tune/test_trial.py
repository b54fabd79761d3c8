from contextlib import contextmanager

import optuna
import pytest

from atelier.errors import BadInputError
from pipelines.lifecycle.tuning import Choice, FloatRange, IntRange
from pipelines.tune.trial import Recorder, run_trial, suggest
from tests.helpers.tuning import make_tuning


class FakeRun:
    """Keeps what is logged, and the status at the end."""

    def __init__(self):
        self.logged, self.tags, self.params, self.names, self.status = [], {}, {}, [], None
        self.pictures = []

    @contextmanager
    def child(self, name):
        self.names.append(name)
        try:
            yield self
        except BaseException:
            self.status = "FAILED"
            raise
        self.status = "FINISHED"

    def log(self, metrics, step):
        self.logged.append((step, dict(metrics)))

    def log_images(self, pictures, step):
        self.pictures += [(step, name) for name in pictures]

    def log_params(self, parameters):
        self.params |= parameters

    def set_tag(self, key, value):
        self.tags[key] = value


def one_trial(pruner=None):
    return optuna.create_study(direction="maximize", pruner=pruner or optuna.pruners.NopPruner()).ask()


def test_suggested_values_are_in_the_space_and_have_its_types():
    space = {
        "a": FloatRange(low=1e-4, high=1e-2, log=True),
        "b": IntRange(low=1, high=3),
        "c": Choice(options=("x", "y")),
    }
    for _ in range(20):
        values = suggest(one_trial(), space)
        assert 1e-4 <= values["a"] <= 1e-2
        assert values["b"] in (1, 2, 3)
        assert isinstance(values["b"], int)
        assert values["c"] in ("x", "y")


def test_a_trial_trains_with_the_suggested_values_and_returns_that_of_its_last_epoch(make_study_spec, tmp_path):
    trial, run = one_trial(), FakeRun()
    value = run_trial(trial, make_study_spec(), run, tmp_path)
    assert value == pytest.approx(-3 * (trial.params["training.x"] - 3) ** 2)
    assert [step for step, _ in run.logged] == [0, 1, 2]
    assert run.params == trial.params
    assert run.status == "FINISHED"
    assert run.names == ["trial 0"]


def test_the_run_of_a_pruned_trial_has_not_failed(make_study_spec, tmp_path):
    run = FakeRun()
    with pytest.raises(optuna.TrialPruned):
        run_trial(one_trial(optuna.pruners.ThresholdPruner(lower=1.0)), make_study_spec(), run, tmp_path)
    assert run.status == "FINISHED"
    assert "epoch 0" in run.tags["pruned"]
    assert not (tmp_path / "epoch").exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_training_that_diverges_is_pruned(value):
    with pytest.raises(optuna.TrialPruned, match="epoch 2"):
        Recorder(FakeRun(), one_trial(), "value")({"value": value}, 2)


def test_pictures_are_logged_even_in_the_epoch_that_prunes():
    run = FakeRun()
    Recorder(run, one_trial(), "value")({"value": 1.0}, 2, pictures={"samples": b"png"})
    with pytest.raises(optuna.TrialPruned):
        Recorder(run, one_trial(), "value")({"value": float("nan")}, 3, pictures={"samples": b"png"})
    assert run.pictures == [(2, "samples"), (3, "samples")]


def test_trial_killed_after_its_last_epoch_keeps_its_value(make_study_spec, tmp_path):
    study = optuna.create_study(direction="maximize")
    study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.WAITING, intermediate_values={0: 5.0, 1: 7.0}))
    (tmp_path / "epoch").write_text("3")
    assert run_trial(study.ask(), make_study_spec(), FakeRun(), tmp_path) == 7.0


def test_a_repeated_trial_resumes_the_run_of_its_first_attempt(make_study_spec, tmp_path):
    study, run = optuna.create_study(direction="maximize"), FakeRun()
    repeated = {"failed_trial": 0, "retry_history": [0]}
    study.ask()
    study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.WAITING, system_attrs=repeated))
    run_trial(study.ask(), make_study_spec(), run, tmp_path)
    assert run.names == ["trial 0"]
    assert run.tags["optuna.trial"] == "1"


def test_metric_that_training_does_not_log_is_named(make_study_spec, tmp_path):
    tuning = make_tuning(metric="valeu")
    with pytest.raises(BadInputError, match=r"'valeu'.*epoch, value"):
        run_trial(one_trial(), make_study_spec(tuning=tuning), FakeRun(), tmp_path)


def test_training_without_epochs_has_no_value(make_study_spec, tmp_path):
    with pytest.raises(BadInputError, match="no epoch"):
        run_trial(one_trial(), make_study_spec(settings={"training": {"epochs": 0}}), FakeRun(), tmp_path)
