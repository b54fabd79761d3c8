import pytest
from pydantic import Field, ValidationError

from atelier.errors import BadInputError
from atelier.settings import Settings, apply
from pipelines.lifecycle.tuning import Choice, FloatRange, IntRange, TuningSettings, check_space
from tests.helpers.tuning import VALUES, make_tuning


class Training(Settings):
    learning_rate: float = Field(default=1e-3, gt=0)
    epochs: int = Field(default=10, ge=1)


class FakeSettings(Settings):
    training: Training = Training()
    width: int = 32
    blocks: tuple[int, ...] = (1, 2)


def test_apply_changes_only_the_given_values():
    changed = apply(FakeSettings(), {"training.learning_rate": 0.5, "width": 8})
    assert changed == FakeSettings(training=Training(learning_rate=0.5), width=8)
    assert apply(changed, {}) is changed


def test_the_error_of_an_unknown_path_names_the_nearest_one():
    with pytest.raises(BadInputError, match=r"training\.learning_rate"):
        apply(FakeSettings(), {"training.learnin_rate": 0.1})


def test_a_block_is_not_a_setting():
    with pytest.raises(BadInputError, match="no setting 'training'"):
        apply(FakeSettings(), {"training": {}})


def test_a_value_that_is_not_allowed_is_named():
    with pytest.raises(BadInputError, match=r"training.epochs = 0.*greater than or equal to 1"):
        apply(FakeSettings(), {"training.epochs": 0})


def test_both_ends_of_the_space_are_validated():
    tuning = make_tuning(space={"training.learning_rate": FloatRange(low=0.0, high=1.0)})
    with pytest.raises(BadInputError, match=r"training.learning_rate = 0.0"):
        check_space(FakeSettings(), tuning)
    check_space(FakeSettings(), make_tuning(space={"width": IntRange(low=1, high=4)}))


def test_all_options_and_overrides_are_validated():
    wrong = Choice(options=(16, "wide"))
    with pytest.raises(BadInputError, match="wide"):
        check_space(FakeSettings(), make_tuning(space={"width": wrong}))
    space = {"width": Choice(options=(16, 32))}
    with pytest.raises(BadInputError, match=r"training\.epochs"):
        check_space(FakeSettings(), make_tuning(space=space, overrides={"training.epoch": 1}))


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
def test_tuning_blocks_that_are_not_valid_are_refused(block):
    with pytest.raises(ValidationError):
        make_tuning(**block)


def test_the_parameter_file_is_read_with_its_types():
    tuning = make_tuning(
        space={
            "training.learning_rate": {"kind": "float", "low": 1e-4, "high": 1e-2, "log": True},
            "width": {"kind": "choice", "options": [16, 32]},
        },
        pruning={"kind": "halving", "min_epochs": 1, "reduction": 2},
    )
    assert TuningSettings.model_validate(tuning.model_dump(mode="json")) == tuning
    assert isinstance(tuning.space["width"].options[0], int)


@pytest.mark.parametrize("name", VALUES)
def test_all_values_must_be_in_the_parameter_file(name):
    with pytest.raises(ValidationError, match=name):
        TuningSettings.model_validate({key: value for key, value in VALUES.items() if key != name})
