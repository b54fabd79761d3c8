import pytest

from atelier.errors import BadInputError
from pipelines.fetch.settings import FetchSettings


def test_an_address_is_below_the_mirror_or_that_of_the_publisher():
    assert FetchSettings(source="mirror", mirror="/m/").address("quickdraw", "https://o") == "/m/quickdraw"
    assert FetchSettings(source="origin", mirror="/m/").address("quickdraw", "https://o") == "https://o"


def test_a_missing_mirror_matters_only_when_something_is_fetched_from_it():
    settings = FetchSettings(source="mirror", mirror=None)
    with pytest.raises(BadInputError, match=r"coco/val2017 is fetched .* ATELIER_MIRROR.* coco\.fetch\.source"):
        settings.address("coco/val2017", "https://o")
