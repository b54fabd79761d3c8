import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.service.champions import Champion
from atelier.service.endpoints.style_request import Wish
from tests.helpers.image_files import encode, random_image
from tests.helpers.stylizer_champions import write_fast

PIXELS = np.asarray(random_image(1, 40, 60))
PHOTO = encode(random_image(1, 40, 60), "PNG")


def test_what_is_not_said_is_the_whole_style_in_its_own_colours() -> None:
    wish = Wish.read({"image": PHOTO})
    assert (wish.strength, wish.keep_colours) == (1, False)
    np.testing.assert_array_equal(wish.photo.pixels, PIXELS)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "There is no image"),
        ({"image": "photo.png"}, "image must be a file"),
        ({"image": b"no picture"}, "image"),
        ({"image": PHOTO, "strength": 1.5}, "strength"),
        ({"image": PHOTO, "strength": "much"}, "strength"),
        ({"image": PHOTO, "keep_colours": "perhaps"}, "keep_colours"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused_by_name(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        Wish.read(parts)


@pytest.mark.parametrize("keep", [True, False])
def test_the_answer_is_the_picture_in_the_colours_that_were_wished_for(tmp_path, keep: bool) -> None:
    champion = Champion(write_fast(tmp_path, version="3"))
    grey = np.full_like(PIXELS, 128)
    answer = Wish.read({"image": PHOTO, "keep_colours": keep}).answer(grey, champion, '{"sea": 1.0}', "image/png")
    shown = np.asarray(Image.open(io.BytesIO(answer.body)))
    assert (shown == grey).all() != keep
    assert answer.headers["atelier-version"] == "3"
    assert answer.headers["atelier-keep-colours"] == str(keep).lower()
