import io
import json
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.paint import FAMILIES, PaintRequest, paint
from atelier.service.http.errors import NoChampionError
from tests.helpers.image_files import encode, random_image
from tests.helpers.translator_champions import RESNET, UNET, write_translator

PHOTO = encode(random_image(1, 40, 60), "PNG")
LEVELS = np.asarray(random_image(1, 40, 60)).astype(float)


@pytest.fixture(scope="module")
def champions(tmp_path_factory: pytest.TempPathFactory) -> Champions:
    resnet = Champion(write_translator(tmp_path_factory.mktemp("resnet"), RESNET, version="3"))
    return Champions({RESNET: resnet}, {UNET: "No U-Net."})


def painted(champions: Champions, **parts: Any) -> Response:
    return paint(champions, PaintRequest.from_parts({"image": PHOTO, **parts}))


def pixels(response: Response) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(response.body))).astype(float)


@pytest.mark.parametrize("strength", [0, 0.25, 1])
def test_the_strength_blends_painting_and_photo(champions: Champions, strength: float) -> None:
    expected = strength * (255 - LEVELS) + (1 - strength) * LEVELS
    np.testing.assert_allclose(pixels(painted(champions, strength=strength)), expected, atol=0.51)


def test_the_photos_colours_can_be_kept(champions: Champions) -> None:
    kept = pixels(painted(champions, keep_colours=True))
    inside = ((kept > 0) & (kept < 255)).all(axis=2)
    assert np.ptp((kept - LEVELS)[inside], axis=1).max() <= 1.01


def test_the_headers_have_everything_to_repeat_the_request(champions: Champions) -> None:
    response = painted(champions, strength=0.5)
    headers = {name: unquote(value) for name, value in response.headers.items() if name.startswith("atelier-")}
    assert json.loads(headers.pop("atelier-styles")) == {"Van Gogh": 1.0}
    assert headers == {
        "atelier-family": RESNET,
        "atelier-version": "3",
        "atelier-strength": "0.5",
        "atelier-keep-colours": "false",
        "atelier-size": "60x40",
    }


def test_the_model_is_chosen_by_name(champions: Champions) -> None:
    assert FAMILIES == {"resnet": RESNET, "unet": UNET}
    assert painted(champions, model="resnet").headers["atelier-family"] == RESNET
    with pytest.raises(NoChampionError, match="No U-Net"):
        painted(champions, model="unet")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"model": "vae"}, "model must be 'resnet' or 'unet'"),
        ({"model": None}, "model must be"),
        ({"strength": 2}, "strength must be a number from 0 to 1"),
        ({"image": b"no image"}, "image: The file is not an image"),
        ({"image": encode(random_image(1, 20, 60), "PNG")}, "at least 32"),
    ],
)
def test_the_message_says_what_is_wrong(champions: Champions, parts: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        painted(champions, **parts)
