import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.quickdraw_classifier.settings import ClassifierSettings


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


def test_reading_settings_and_nodes_loads_no_framework() -> None:
    code = "import sys; import pipelines.quickdraw_classifier.nodes; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
