import pytest

from atelier.errors import BadInputError
from tests.helpers.family_settings import family_settings


@pytest.mark.parametrize(
    "changes",
    [
        {"model": {"widht": 3}},
        {"model": {"finest_skip": 3}},
        {"training": {"size": 16}},
        {"training": {"losses": {"style": 0}}},
        {"training": {"augmentation": {"min_crop": 0}}},
    ],
)
def test_values_that_are_not_allowed_are_refused(changes) -> None:
    with pytest.raises(BadInputError):
        family_settings("arbitrary_style", changes)
