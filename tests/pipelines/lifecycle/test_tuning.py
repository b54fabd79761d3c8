import pytest
from pydantic import Field, ValidationError

from atelier.errors import BadInputError
from atelier.settings import Settings, apply
from pipelines.lifecycle.tuning import Choice, FloatRange, IntRange, TuningSettings, check_space


class Training(Settings):
    learning_rate: float = Field(default=1e-3, gt=0)
    epochs: int = Field(default=10, ge=1)


class FakeSettings(Settings):
    training: Training = Training()
    width: int = 32
    blocks: tuple[int, ...] = (1, 2)


def test_apply_changes_only_what_it_is_told():
    changed = apply(FakeSettings(), {"training.learning_rate": 0.5, "width": 8})
    assert changed == FakeSettings(training=Training(learning_rate=0.5), width=8)
    assert apply(changed, {}) is changed


def test_unknown_path_names_the_nearest():
    with pytest.raises(BadInputError, match=r"training\.learning_rate"):
        apply(FakeSettings(), {"training.learnin_rate": 0.1})


def test_a_block_is_no_setting():
    with pytest.raises(BadInputError, match="no setting 'training'"):
        apply(FakeSettings(), {"training": {}})


def test_value_that_is_not_allowed_is_named():
    with pytest.raises(BadInputError, match=r"training.epochs = 0.*greater than or equal to 1"):
        apply(FakeSettings(), {"training.epochs": 0})


def test_space_is_tried_out_at_its_ends():
    tuning = {"metric": "val", "space": {"training.learning_rate": FloatRange(low=0.0, high=1.0)}}
    with pytest.raises(BadInputError, match=r"training.learning_rate = 0.0"):
        check_space(FakeSettings(), TuningSettings(**tuning))
    check_space(FakeSettings(), TuningSettings(metric="val", space={"width": IntRange(low=1, high=4)}))


def test_every_option_and_every_override_is_tried_out():
    wrong = Choice(options=(16, "wide"))
    with pytest.raises(BadInputError, match="wide"):
        check_space(FakeSettings(), TuningSettings(metric="val", space={"width": wrong}))
    space = {"width": Choice(options=(16, 32))}
    with pytest.raises(BadInputError, match=r"training\.epochs"):
        check_space(FakeSettings(), TuningSettings(metric="val", space=space, overrides={"training.epoch": 1}))


@pytest.mark.parametrize(
    "block",
    [
        {"space": {}},
        {"space": {"width": {"kind": "int", "low": 3, "high": 3}}},
        {"space": {"width": {"kind": "float", "low": 0, "high": 3, "log": True}}},
        {"space": {"width": {"kind": "choice", "options": [1]}}},
        {"space": {"width": {"kind": "normal", "low": 0, "high": 3}}},
        {"space": {"width": {"kind": "int", "low": 0, "high": 3}}, "overrides": {"width": 1}},
        {"space": {"width": {"kind": "int", "low": 0, "high": 3}}, "direction": "up"},
    ],
)
def test_tuning_block_that_makes_no_sense_is_refused(block):
    with pytest.raises(ValidationError):
        TuningSettings.model_validate({"metric": "val", **block})


def test_parameter_file_form():
    tuning = TuningSettings.model_validate(
        {
            "metric": "val_top1",
            "space": {
                "training.learning_rate": {"kind": "float", "low": 1e-4, "high": 1e-2, "log": True},
                "width": {"kind": "choice", "options": [16, 32]},
            },
            "pruning": {"kind": "halving", "reduction": 2},
        }
    )
    assert TuningSettings.model_validate(tuning.model_dump(mode="json")) == tuning
    assert isinstance(tuning.space["width"].options[0], int)
