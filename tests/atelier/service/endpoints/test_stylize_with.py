import io
import json
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.service.champions import Champion
from atelier.service.endpoints.stylize_with import FAMILY, NAME_LENGTH, StylizeWithRequest, stylize_with
from atelier.service.http.cache import ArrayCache
from atelier.service.http.errors import NotAcceptableError
from tests.helpers.image_files import encode, random_image
from tests.helpers.stylizer_champions import write_arbitrary

PHOTO, FIRST, SECOND, THIRD = (encode(random_image(seed, 40, 60), "PNG") for seed in (1, 2, 3, 4))


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Champion:
    return Champion(write_arbitrary(tmp_path_factory.mktemp("arbitrary"), version="5"))


def stylized(champion: Champion, cache: ArrayCache | None = None, **parts: Any) -> Response:
    request = StylizeWithRequest.from_parts({"image": PHOTO, "style": FIRST, **parts})
    return stylize_with(champion, cache or ArrayCache(2**16), request)


def pixels(content: bytes | memoryview) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content))).astype(float)


def colour(content: bytes | memoryview) -> np.ndarray:
    return np.asarray(pixels(content).mean((0, 1)))


@pytest.mark.parametrize(
    ("parts", "shares"),
    [
        ({}, (0, 1, 0, 0)),
        ({"weights": [7]}, (0, 1, 0, 0)),
        ({"style_2": SECOND}, (0, 0.5, 0.5, 0)),
        ({"style_4": SECOND, "weights": [1, 3]}, (0, 0.25, 0.75, 0)),
        ({"style_2": SECOND, "style_3": THIRD, "weights": [0, 1, 1]}, (0, 0, 0.5, 0.5)),
        ({"style_2": FIRST}, (0, 1, 0, 0)),
        ({"strength": 0.5}, (0.5, 0.5, 0, 0)),
        ({"strength": 0}, (1, 0, 0, 0)),
    ],
)
def test_styles_are_blended_in_proportion_to_weights_and_strength(
    champion: Champion, parts: dict[str, Any], shares: tuple[float, ...]
) -> None:
    expected = sum(share * colour(each) for share, each in zip(shares, (PHOTO, FIRST, SECOND, THIRD), strict=True))
    np.testing.assert_allclose(colour(stylized(champion, **parts).body), expected, atol=2.5)


def test_the_headers_name_style_images_by_their_content(champion: Champion) -> None:
    response = stylized(champion, style_2=SECOND, style_3=FIRST, weights=[1, 2, 1], strength=0.3)
    headers = {name: unquote(value) for name, value in response.headers.items() if name.startswith("atelier-")}
    first, second = (sha256(content).hexdigest()[:NAME_LENGTH] for content in (FIRST, SECOND))
    assert json.loads(headers.pop("atelier-styles")) == {first: 0.5, second: 0.5}
    assert headers == {
        "atelier-family": FAMILY,
        "atelier-version": "5",
        "atelier-strength": "0.3",
        "atelier-keep-colours": "false",
        "atelier-size": "60x40",
    }


def test_the_statistics_of_a_style_image_are_computed_once(champion: Champion, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs, only = [], OnnxModel.only

    def record(self: OnnxModel, output: str, **inputs: Any) -> Any:
        outputs.append(output)
        return only(self, output, **inputs)

    monkeypatch.setattr(OnnxModel, "only", record)
    cache = ArrayCache(2**16)
    first = stylized(champion, cache, style_2=SECOND)
    assert outputs == ["statistics", "statistics", "picture"]
    again = stylized(champion, cache, style=SECOND, style_2=FIRST)
    other = stylized(champion, cache, image=THIRD, style_2=SECOND)
    assert outputs == ["statistics", "statistics", "picture", "picture", "picture"]
    assert pixels(again.body) == pytest.approx(pixels(first.body), abs=1)
    np.testing.assert_allclose(colour(other.body), colour(first.body), atol=2.5)
    stylized(champion, cache, style=THIRD)
    assert outputs[-2:] == ["statistics", "picture"]


def test_a_style_image_is_scaled_to_its_own_size(champion: Champion, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes, only = {}, OnnxModel.only

    def record(self: OnnxModel, output: str, **inputs: Any) -> Any:
        shapes[output] = inputs["image"].shape
        return only(self, output, **inputs)

    monkeypatch.setattr(OnnxModel, "only", record)
    large = encode(random_image(5, 600, 1200))
    assert stylized(champion, image=large, style=large).headers["atelier-scaled"] == "1200x600 to 1024x512"
    assert shapes == {"statistics": (1, 256, 512, 3), "picture": (1, 512, 1024, 3)}


def test_the_photos_colours_are_kept(champion: Champion) -> None:
    kept = pixels(stylized(champion, keep_colours=True).body)
    inside = ((kept > 0) & (kept < 255)).all(axis=2)
    assert np.ptp((kept - pixels(PHOTO))[inside], axis=1).max() <= 1.01


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"style": None}, r"There is no style\. Send it as multipart/form-data"),
        ({"style": None, "style_2": SECOND}, r"There is no style\."),
        ({"style": "sea"}, "style must be a file"),
        ({"style_3": 3}, "style_3 must be a file"),
        ({"style_4": b"x"}, "style_4: The file is not an image"),
        ({"style_2": encode(random_image(1, 20, 40), "PNG")}, "style_2: The image has 40 x 20 pixels"),
        ({"image": None}, "There is no image"),
        ({"image": b"x"}, "image: The file is not an image"),
        ({"weights": []}, r"weights must be a JSON list .* here 1, such as \[1\]\."),
        ({"weights": [1, 1]}, r"here 1, such as \[1\]\."),
        ({"style_3": SECOND, "weights": [1]}, r"here 2, such as \[1, 1\]\."),
        ({"weights": 1}, "weights must be a JSON list"),
        ({"weights": {"style": 1}}, "weights must be a JSON list"),
        ({"weights": "1"}, "weights must be a JSON list"),
        ({"weights": [0]}, "weights must be numbers from 0 to 1000000, not all of them 0"),
        ({"weights": ["1"]}, "weights must be numbers"),
        ({"weights": [float("inf")]}, "weights must be numbers"),
        ({"weights": [-1]}, "weights must be numbers"),
        ({"strength": float("nan")}, "strength must be a number from 0 to 1"),
        ({"strength": 2}, "strength must be a number from 0 to 1"),
        ({"keep_colours": "yes"}, "keep_colours must be true or false"),
    ],
)
def test_wrong_input_is_rejected_with_a_message(champion: Champion, parts: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        stylized(champion, **parts)


def test_an_unknown_type_is_rejected_before_the_photo_is_decoded(champion: Champion) -> None:
    request = StylizeWithRequest.from_parts({"image": b"not decoded", "style": b"neither"}, accept="text/html")
    with pytest.raises(NotAcceptableError):
        stylize_with(champion, ArrayCache(1), request)


def test_a_photo_cannot_be_sent_as_json() -> None:
    assert StylizeWithRequest.needs_file()
