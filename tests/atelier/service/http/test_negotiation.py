import pytest

from atelier.errors import BadInputError
from atelier.service.http.errors import NotAcceptableError
from atelier.service.http.negotiation import preferred

OFFERED = ("image/png", "image/jpeg", "image/webp")


@pytest.mark.parametrize(
    ("accept", "subtype"),
    [
        ("", "png"),
        (" ", "png"),
        ("*/*", "png"),
        ("image/*", "png"),
        ("image/jpeg", "jpeg"),
        ("IMAGE/JPEG", "jpeg"),
        ("image/jpeg, image/webp", "jpeg"),
        ("image/webp, image/png", "png"),
        ("image/jpeg;q=0.4, image/webp;q=0.5", "webp"),
        ("image/webp, */*;q=0.8", "webp"),
        ("*/*, image/webp", "webp"),
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "webp"),
        ("image/*;q=0.5, image/jpeg;q=0.4", "png"),
        ("image/png;q=0, image/*", "jpeg"),
        ("*/*;q=0.1, image/png;q=0.0, image/webp;q=0.2", "webp"),
        ("image/jpeg ; q=1.000 , image/png;q=0.999", "jpeg"),
        ("image/webp;quality=3", "webp"),
        ("image/png;q=high, image/webp;q=0.1", "webp"),
        ("image/png;q=nan, image/png;q=-1, image/jpeg;q=0.001", "jpeg"),
        ("nonsense, image/webp", "webp"),
        (",,image/jpeg,", "jpeg"),
    ],
)
def test_the_type_with_the_highest_weight_is_preferred(accept: str, subtype: str) -> None:
    assert preferred(accept, OFFERED) == f"image/{subtype}"


@pytest.mark.parametrize(
    "accept", ["text/html", "image/avif", "image/png;q=0", "*/*;q=0", "image/png;q=2", ";", "x" * 500]
)
def test_an_error_if_no_type_is_allowed(accept: str) -> None:
    with pytest.raises(NotAcceptableError, match=r"Accept image/png, image/jpeg or image/webp\.$") as error:
        preferred(accept, OFFERED)
    assert len(str(error.value)) < 250
    assert isinstance(error.value, BadInputError)
