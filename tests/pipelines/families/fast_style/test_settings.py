import pytest
from pydantic import ValidationError

from pipelines.families.fast_style.settings import FastStyleSettings
from tests.helpers.family_parameters import base_parameters

EVALUATION = base_parameters("fast_style")["evaluation"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"styles": {"count": 0}},
        {"styles": {"paintings": {"canal": "29"}}},
        {"model": {"outer_kernel": 4}},
        {"model": {"enlarge": "bicubic"}},
        {"training": {"least_crop": 0}},
        {"training": {"losses": {"style": 0}}},
        {"training": {"hold": {"content": 0}}},
        {"training": {"epoch": 3}},
    ],
)
def test_what_makes_no_sense_is_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        FastStyleSettings.model_validate({"evaluation": EVALUATION} | wrong)
