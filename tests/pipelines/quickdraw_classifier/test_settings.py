import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from pipelines.quickdraw_classifier.settings import ClassifierSettings
from pipelines.tune.settings import check_space

ROOT = Path(__file__).parents[3]


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
def test_nonsense_is_refused_by_name(block: str, key: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=key):
        ClassifierSettings.model_validate({block: {key: value}})


@pytest.mark.parametrize("environment", ["base", "small", "full", "test"])
def test_the_parameter_files_are_valid_in_every_environment(environment: str) -> None:
    base, override = (read_parameters(name) for name in ("base", environment))
    settings = ClassifierSettings.model_validate(merged(base, override))
    check_space(settings, settings.tuning)


def test_the_base_file_names_every_setting() -> None:
    settings = ClassifierSettings.model_validate(read_parameters("base"))
    assert set(read_parameters("base")) == set(ClassifierSettings.model_fields)
    assert set(read_parameters("base")["training"]) == set(type(settings.training).model_fields)


def read_parameters(environment: str) -> dict[str, Any]:
    path = ROOT / "conf" / environment / "parameters_quickdraw_classifier.yml"
    parameters: dict[str, Any] = yaml.safe_load(path.read_text())["quickdraw_classifier"]
    return parameters


def merged(base: dict[str, Any], override: dict[str, Any]) -> dict[str, Any]:
    """As Kedro's soft merge."""
    result = dict(base)
    for key, value in override.items():
        nested = isinstance(value, dict) and isinstance(base.get(key), dict)
        result[key] = merged(base[key], value) if nested else value
    return result


def test_reading_settings_and_nodes_loads_no_framework() -> None:
    code = "import sys; import pipelines.quickdraw_classifier.nodes; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
