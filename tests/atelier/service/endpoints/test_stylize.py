import io
import json
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.model_card import ModelCard
from atelier.service.champions import Champion
from atelier.service.endpoints.stylize import FAMILY, StylizeRequest, stylize
from atelier.service.http.errors import NotAcceptableError
from tests.helpers.image_files import encode, random_image
from tests.helpers.stylizer_champions import COLORS, write_fast

PHOTO = encode(random_image(1, 40, 60), "PNG")
LEVELS = np.asarray(random_image(1, 40, 60)).astype(float)


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Champion:
    return Champion(write_fast(tmp_path_factory.mktemp("fast"), version="3"))


def stylized(champion: Champion, **parts: Any) -> Response:
    return stylize(champion, StylizeRequest.from_parts({"image": PHOTO, "styles": "sea", **parts}))


def pixels(response: Response) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(response.body))).astype(float)


@pytest.mark.parametrize("strength", [0, 0.25, 1])
@pytest.mark.parametrize(
    ("styles", "shares"),
    [
        ("sea", {"sea": 1}),
        ({"sea": 0.1, "ochre": 0.3}, {"sea": 0.25, "ochre": 0.75}),
        ({"night": 1_000_000, "sea": 0}, {"night": 1}),
        ({"night": 5e-324}, {"night": 1}),
        ({"ochre": 1, "sea": 1, "night": 1}, {"ochre": 1 / 3, "sea": 1 / 3, "night": 1 / 3}),
    ],
)
def test_styles_are_blended_in_proportion_to_weights_and_strength(
    champion: Champion, styles: Any, shares: dict[str, float], strength: float
) -> None:
    colour = sum(share * np.array(COLORS[name]) for name, share in shares.items())
    expected = LEVELS + strength * (colour - LEVELS) / 2
    np.testing.assert_allclose(pixels(stylized(champion, styles=styles, strength=strength)), expected, atol=0.51)


def test_the_headers_have_everything_to_repeat_the_request(champion: Champion) -> None:
    response = stylized(champion, styles={"sea": 1, "ochre": 2}, strength=0.3, keep_colours=True)
    headers = {name: unquote(value) for name, value in response.headers.items() if name.startswith("atelier-")}
    assert json.loads(headers.pop("atelier-styles")) == {"sea": 0.3333, "ochre": 0.6667}
    assert headers == {
        "atelier-family": FAMILY,
        "atelier-version": "3",
        "atelier-strength": "0.3",
        "atelier-keep-colours": "true",
        "atelier-size": "60x40",
    }


def test_the_photos_colours_are_kept(champion: Champion) -> None:
    kept, free = (pixels(stylized(champion, keep_colours=keep)) for keep in (True, False))
    inside = ((kept > 0) & (kept < 255)).all(axis=2)
    difference = (kept - LEVELS)[inside]
    assert np.ptp(difference, axis=1).max() <= 1.01
    assert np.abs(difference).max() > 10
    np.testing.assert_allclose(kept[inside] @ [0.299, 0.587, 0.114], free[inside] @ [0.299, 0.587, 0.114], atol=1)


def test_the_name_of_a_style_may_be_a_number(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = write_fast(tmp_path_factory.mktemp("numbers"))
    card = ModelCard.read(folder / "card.json")
    spec = card.spec.model_copy(update={"labels": ("1889", "sea", "night")})
    card.model_copy(update={"spec": spec}).write(folder / "card.json")
    assert "1889" in unquote(stylized(Champion(folder), styles=1889).headers["atelier-styles"])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"styles": None}, 'styles must be the name of a style, or .* {"sea": 1}. GET /styles'),
        ({"styles": True}, "styles must be"),
        ({"styles": 1.5}, "styles must be"),
        ({"styles": {}}, "styles must be"),
        ({"styles": ["sea"]}, "styles must be"),
        ({"styles": b"sea"}, "styles must be"),
        ({"styles": "see"}, "no style 'see' here. There is, for example, sea"),
        ({"styles": 1889}, "no style '1889' here"),
        ({"styles": {"sea": 1, "nigt": 1}}, "no style 'nigt' here. There is, for example, night"),
        ({"styles": "x" * 10**5}, "no style 'x{60}' here"),
        ({"styles": {"sea": 0, "ochre": 0}}, "The weights in styles must be"),
        (
            {"styles": {"sea": -0.1, "ochre": 1}},
            "The weights in styles must be numbers from 0 to 1000000, not all of them 0",
        ),
        ({"styles": {"sea": float("nan")}}, "The weights in styles must be"),
        ({"styles": {"sea": float("inf")}}, "The weights in styles must be"),
        ({"styles": {"sea": 10**400}}, "The weights in styles must be"),
        ({"styles": {"sea": None}}, "The weights in styles must be"),
        ({"styles": {"sea": True}}, "The weights in styles must be"),
        ({"strength": float("nan")}, "strength must be a number from 0 to 1"),
        ({"strength": 1.01}, "strength must be"),
        ({"strength": -(10**400)}, "strength must be"),
        ({"strength": "strong"}, "strength must be"),
        ({"strength": None}, "strength must be"),
        ({"strength": True}, "strength must be"),
        ({"keep_colours": 1}, "keep_colours must be true or false"),
        ({"keep_colours": None}, "keep_colours must be true or false"),
        ({"image": None}, "There is no image. Send it as multipart/form-data"),
        ({"image": "a.png"}, "image must be a file. Send it as multipart/form-data"),
        ({"image": b""}, "image: The file is empty"),
    ],
)
def test_wrong_input_is_rejected_with_a_message(champion: Champion, parts: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        stylized(champion, **parts)


def test_an_unknown_type_is_rejected_before_the_photo_is_decoded(champion: Champion) -> None:
    request = StylizeRequest.from_parts({"image": b"not decoded", "styles": "sea"}, accept="text/html")
    with pytest.raises(NotAcceptableError):
        stylize(champion, request)


def test_a_photo_cannot_be_sent_as_json() -> None:
    assert StylizeRequest.needs_file()
