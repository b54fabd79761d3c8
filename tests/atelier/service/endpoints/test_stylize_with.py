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
from atelier.service.endpoints.stylize_with import FAMILY, NAME, Statistics, StylizeWithQuestion, stylize_with
from atelier.service.http.cache import Cache
from atelier.service.http.errors import NotAcceptableError
from tests.helpers.image_files import encode, random_image
from tests.helpers.stylizer_champions import write_arbitrary

PHOTO, FIRST, SECOND, THIRD = (encode(random_image(seed, 40, 60), "PNG") for seed in (1, 2, 3, 4))


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Champion:
    return Champion(write_arbitrary(tmp_path_factory.mktemp("arbitrary"), version="5"))


def painted(champion: Champion, seen: Cache[Statistics] | None = None, **parts: Any) -> Response:
    return stylize_with(champion, seen or Cache(8), {"image": PHOTO, "style": FIRST, **parts})


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
def test_styles_are_blended_by_weight_and_by_strength(
    champion: Champion, parts: dict[str, Any], shares: tuple[float, ...]
) -> None:
    expected = sum(share * colour(each) for share, each in zip(shares, (PHOTO, FIRST, SECOND, THIRD), strict=True))
    np.testing.assert_allclose(colour(painted(champion, **parts).body), expected, atol=2.5)


def test_the_answer_names_the_style_images_by_their_content(champion: Champion) -> None:
    answer = painted(champion, style_2=SECOND, style_3=FIRST, weights=[1, 2, 1], strength=0.3)
    told = {name: unquote(value) for name, value in answer.headers.items() if name.startswith("atelier-")}
    first, second = (sha256(content).hexdigest()[:NAME] for content in (FIRST, SECOND))
    assert json.loads(told.pop("atelier-styles")) == {first: 0.5, second: 0.5}
    assert told == {
        "atelier-family": FAMILY,
        "atelier-version": "5",
        "atelier-strength": "0.3",
        "atelier-keep-colours": "false",
        "atelier-size": "60x40",
    }


def test_the_encoder_looks_at_a_style_image_once(champion: Champion, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, only = [], OnnxModel.only

    def count(self: OnnxModel, output: str, **inputs: Any) -> Any:
        asked.append(output)
        return only(self, output, **inputs)

    monkeypatch.setattr(OnnxModel, "only", count)
    seen = Cache[Statistics](8)
    first = painted(champion, seen, style_2=SECOND)
    assert asked == ["statistics", "statistics", "picture"]
    again = painted(champion, seen, style=SECOND, style_2=FIRST)
    other = painted(champion, seen, image=THIRD, style_2=SECOND)
    assert asked == ["statistics", "statistics", "picture", "picture", "picture"]
    assert pixels(again.body) == pytest.approx(pixels(first.body), abs=1)
    np.testing.assert_allclose(colour(other.body), colour(first.body), atol=2.5)
    painted(champion, seen, style=THIRD)
    assert asked[-2:] == ["statistics", "picture"]


def test_a_style_image_is_looked_at_in_its_own_size(champion: Champion, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes, only = {}, OnnxModel.only

    def look(self: OnnxModel, output: str, **inputs: Any) -> Any:
        shapes[output] = inputs["image"].shape
        return only(self, output, **inputs)

    monkeypatch.setattr(OnnxModel, "only", look)
    large = encode(random_image(5, 600, 1200))
    assert painted(champion, image=large, style=large).headers["atelier-scaled"] == "1200x600 to 1024x512"
    assert shapes == {"statistics": (1, 256, 512, 3), "picture": (1, 512, 1024, 3)}


def test_kept_colours_are_the_photos(champion: Champion) -> None:
    kept = pixels(painted(champion, keep_colours=True).body)
    inside = ((kept > 0) & (kept < 255)).all(axis=2)
    assert np.ptp((kept - pixels(PHOTO))[inside], axis=1).max() <= 1.01


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"style": None}, r"There is no style\. Send it as multipart/form-data"),
        ({"style": None, "style_2": SECOND}, r"There is no style\."),
        ({"style": "sea"}, "style must be a file"),
        ({"style_3": 3}, "style_3 must be a file"),
        ({"style_4": b"x"}, "style_4: The file is not a picture"),
        ({"style_2": encode(random_image(1, 20, 40), "PNG")}, "style_2: The picture has 40 x 20 pixels"),
        ({"image": None}, "There is no image"),
        ({"image": b"x"}, "image: The file is not a picture"),
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
def test_wrong_input_is_refused_with_a_sentence(champion: Champion, parts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        painted(champion, **parts)


def test_a_type_that_is_not_made_is_refused_before_anything_is_painted(champion: Champion) -> None:
    with pytest.raises(NotAcceptableError):
        stylize_with(champion, Cache(1), {}, "text/html")


def test_a_photo_cannot_be_sent_in_json() -> None:
    assert StylizeWithQuestion.needs_file()
