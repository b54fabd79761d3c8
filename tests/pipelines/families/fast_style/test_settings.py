import pytest

from atelier.errors import BadInputError
from tests.helpers.family_settings import family_settings


@pytest.mark.parametrize(
    "changes",
    [
        {"styles": {"count": 0}},
        {"styles": {"paintings": {"canal": "29"}}},
        {"model": {"outer_kernel": 4}},
        {"model": {"enlarge": "bicubic"}},
        {"training": {"augmentation": {"min_crop": 0}}},
        {"training": {"losses": {"style": 0}}},
        {"training": {"content_constraint": {"distance": 0, "start_epoch": 0, "rate": 0.01}}},
        {"training": {"epoch": 3}},
    ],
)
def test_values_that_are_not_allowed_are_refused(changes) -> None:
    with pytest.raises(BadInputError):
        family_settings("fast_style", changes)
