import io
import json
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from atelier.service.http.image_responses import IMAGE_DESCRIPTION, KINDS, Origin, picture_response, shares_of, sizes_of
from atelier.service.http.photos import Photo
from atelier.service.http.provenance import headers_of, told

ABOUT = Origin(
    family="fast_style", version="3", styles=shares_of({"café": 1 / 3, 'a "b"': 2 / 3}), strength=0.5,
    keep_colours=False, size="40x32",
)  # fmt: skip
PICTURE = np.random.default_rng(0).integers(0, 256, (32, 40, 3), dtype=np.uint8)


def test_headers_are_ascii_and_read_back() -> None:
    headers = headers_of(ABOUT)
    assert "".join(headers.values()).isascii()
    assert {name: unquote(value) for name, value in headers.items()} == {
        "Atelier-Family": "fast_style",
        "Atelier-Version": "3",
        "Atelier-Styles": '{"café": 0.3333, "a \\"b\\"": 0.6667}',
        "Atelier-Strength": "0.5",
        "Atelier-Keep-Colours": "false",
        "Atelier-Size": "40x32",
    }


def test_only_a_photo_that_was_made_smaller_is_said_to_be() -> None:
    assert sizes_of(Photo(PICTURE, (40, 32))) == {"size": "40x32", "scaled": None}
    assert sizes_of(Photo(PICTURE, (400, 320))) == {"size": "40x32", "scaled": "400x320 to 40x32"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_tells_its_origin(kind: str) -> None:
    response = picture_response(PICTURE, ABOUT, kind)
    picture = Image.open(io.BytesIO(response.body))
    assert (response.headers["content-type"], picture.format, picture.size) == (kind, KINDS[kind], (40, 32))
    texts = picture.text if kind == "image/png" else json.loads(picture.getexif()[IMAGE_DESCRIPTION])  # type: ignore[attr-defined]
    assert texts == told(ABOUT)


def test_a_png_keeps_every_pixel() -> None:
    body = picture_response(PICTURE, ABOUT, "image/png").body
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(body))), PICTURE)
