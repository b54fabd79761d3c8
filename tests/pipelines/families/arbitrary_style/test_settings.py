import pytest
from pydantic import ValidationError

from pipelines.families.arbitrary_style.settings import ArbitraryStyleSettings
from tests.helpers.family_parameters import base_parameters

EVALUATION = base_parameters("arbitrary_style")["evaluation"]


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
        ArbitraryStyleSettings.model_validate({"evaluation": EVALUATION} | wrong)
