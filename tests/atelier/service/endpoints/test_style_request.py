import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.service.champions import Champion
from atelier.service.endpoints.style_request import StyleRequest, StylizeParams, sizes_of, styles_as_json
from atelier.service.http.uploads import Photo
from tests.helpers.image_files import encode, random_image
from tests.helpers.stylizer_champions import write_fast

PIXELS = np.asarray(random_image(1, 40, 60))
PHOTO = encode(random_image(1, 40, 60), "PNG")


def params(**parts: object) -> StylizeParams:
    return StylizeParams.from_request(StyleRequest.from_parts(parts))


def test_the_default_is_full_strength_in_the_colours_of_the_style() -> None:
    default = params(image=PHOTO)
    assert (default.strength, default.keep_colours, default.media_type) == (1, False, "image/png")
    np.testing.assert_array_equal(default.photo.pixels, PIXELS)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "There is no image"),
        ({"image": "photo.png"}, "image must be a file"),
        ({"image": b"not an image"}, "image: The file is not an image"),
        ({"image": PHOTO, "strength": 1.5}, "strength"),
        ({"image": PHOTO, "strength": "much"}, "strength"),
        ({"image": PHOTO, "keep_colours": "perhaps"}, "keep_colours"),
    ],
)
def test_the_message_names_the_part_that_is_wrong(parts: dict[str, object], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        params(**parts)


@pytest.mark.parametrize("keep", [True, False])
def test_the_response_has_the_colours_of_photo_or_style(tmp_path: Path, keep: bool) -> None:
    champion = Champion(write_fast(tmp_path, version="3"))
    grey = np.full_like(PIXELS, 128)
    response = params(image=PHOTO, keep_colours=keep).response(grey, champion, {"sea": 1.0})
    image = np.asarray(Image.open(io.BytesIO(response.body)))
    assert (image == grey).all() != keep
    assert response.headers["atelier-version"] == "3"
    assert response.headers["atelier-keep-colours"] == str(keep).lower()


def test_the_response_has_the_type_that_accept_prefers(tmp_path: Path) -> None:
    champion = Champion(write_fast(tmp_path))
    request = StyleRequest.from_parts({"image": PHOTO}, accept="image/webp")
    assert StylizeParams.from_request(request).response(PIXELS, champion, {}).media_type == "image/webp"


def test_only_a_photo_that_was_scaled_down_has_a_scale() -> None:
    assert sizes_of(Photo(PIXELS, (60, 40))) == {"size": "60x40", "scaled": None}
    assert sizes_of(Photo(PIXELS, (600, 400))) == {"size": "60x40", "scaled": "600x400 to 60x40"}


def test_styles_are_json_with_rounded_shares() -> None:
    text = styles_as_json({"café": 1 / 3, 'a "b"': 2 / 3})
    assert text == '{"café": 0.3333, "a \\"b\\"": 0.6667}'
    assert json.loads(text) == {"café": 0.3333, 'a "b"': 0.6667}
