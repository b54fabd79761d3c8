from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from pipelines.families.quickdraw_classifier.settings import ClassifierSettings

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("block", "key", "value"),
    [
        ("training", "epochs", 0),
        ("training", "learning_rate", -0.1),
        ("training", "epoch", 3),
        ("training", "label_smoothing", 1.0),
        ("training", "batch_size", 0),
        ("training", "augmentation", {"flip": 1.5}),
        ("training", "losses", {"hinge": 1.0}),
        ("model", "widths", (8, 16, 32)),
        ("model", "depths", ()),
        ("hardware", "precision", "float16"),
        ("evaluation", "resamples", 0),
    ],
)
def test_the_error_names_the_parameter_that_is_not_allowed(block: str, key: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=key):
        ClassifierSettings.model_validate({block: {key: value}})


def test_the_base_file_contains_every_parameter() -> None:
    settings = ClassifierSettings.model_validate(read_parameters("base"))
    assert set(read_parameters("base")) == set(ClassifierSettings.model_fields)
    assert set(read_parameters("base")["training"]) == set(type(settings.training).model_fields)


def read_parameters(environment: str) -> dict[str, Any]:
    path = ROOT / "conf" / environment / "parameters_quickdraw_classifier.yml"
    parameters: dict[str, Any] = yaml.safe_load(path.read_text())["quickdraw_classifier"]
    return parameters
