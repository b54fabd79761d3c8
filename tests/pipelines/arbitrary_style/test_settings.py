import subprocess
import sys

import pytest
from pydantic import ValidationError

from pipelines.arbitrary_style.settings import ArbitraryStyleSettings
from pipelines.tune.settings import check_space


def test_the_defaults_are_valid_and_can_be_searched() -> None:
    settings = ArbitraryStyleSettings()
    check_space(settings, settings.tuning)


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": {"widht": 3}},
        {"model": {"finest_skip": 3}},
        {"training": {"size": 16}},
        {"training": {"losses": {"style": 0}}},
        {"training": {"augmentation": {"least_side": 0}}},
    ],
)
def test_what_makes_no_sense_is_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        ArbitraryStyleSettings.model_validate(wrong)


def test_reading_settings_loads_no_training_framework() -> None:
    code = "import sys, pipelines.arbitrary_style.nodes; assert not {'torch', 'lightning', 'onnx'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
