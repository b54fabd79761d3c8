"""Wrong, broken and damaged photos over real HTTP: the message says what to change."""

import json
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.image_files import broken_files, encode, png_with_header, random_image
from tests.helpers.service_requests import error_message
from tests.helpers.style_requests import PHOTO, STYLE_IMAGE, STYLIZE, STYLIZE_WITH, file, stylize, stylize_with
from tests.helpers.stylizer_champions import COLORS

pytestmark = pytest.mark.system

PARTS = {"image": file(PHOTO)}
BOTH = {**PARTS, "style": file(STYLE_IMAGE)}
SMALL, LONG = encode(random_image(5, 31, 80), "PNG"), encode(Image.new("RGB", (4000, 100)), "PNG")


@pytest.mark.parametrize(
    ("path", "request_", "status", "message"),
    [
        (
            STYLIZE,
            {"files": PARTS, "data": {"styles": "ocher"}},
            400,
            "no style 'ocher' here. There is, for example, ochre",
        ),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"ocean": 1}'}}, 400, "no style 'ocean'"),
        (STYLIZE, {"files": PARTS}, 400, "GET /styles"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "{}"}}, 400, "GET /styles"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '["ochre"]'}}, 400, "GET /styles"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": 0}'}}, 400, "not all of them 0"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": -1}'}}, 400, "from 0 to"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": "much"}'}}, 400, "from 0 to"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": NaN}'}}, 400, "from 0 to"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": 1e999}'}}, 400, "from 0 to"),
        (STYLIZE, {"files": {**PARTS, "styles": file(b"sea")}}, 400, "GET /styles"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "strength": "NaN"}}, 400, "strength must be a number"),
        (
            STYLIZE,
            {"files": PARTS, "data": {"styles": "sea", "strength": "Infinity"}},
            400,
            "strength must be a number",
        ),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "strength": "1.1"}}, 400, "from 0 to 1"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "strength": "full"}}, 400, "from 0 to 1"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "strength": ""}}, 400, "from 0 to 1"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "keep_colours": "1"}}, 400, "true or false"),
        (STYLIZE, {"files": PARTS, "data": {"style": "sea"}}, 400, "no part called 'style'"),
        (STYLIZE, {"files": [*PARTS.items(), *PARTS.items()], "data": {"styles": "sea"}}, 400, "'image' occurs twice"),
        (STYLIZE, {"files": {"styles": (None, "sea")}}, 400, "There is no image"),
        (
            STYLIZE,
            {"files": {"image": (None, "http://127.0.0.1:9/a.png"), "styles": (None, "sea")}},
            400,
            "must be a file",
        ),
        (STYLIZE, {"files": {"image": file(b"")}, "data": {"styles": "sea"}}, 400, "image: The file is empty"),
        (STYLIZE, {"files": {"image": file(SMALL)}, "data": {"styles": "sea"}}, 400, "80 x 31 pixels"),
        (STYLIZE, {"files": {"image": file(LONG)}, "data": {"styles": "sea"}}, 400, "would be 1024 x 26"),
        (STYLIZE, {"files": {"image": file(b"x" * (11 * 2**20))}, "data": {"styles": "sea"}}, 413, "10 MB"),
        (
            STYLIZE,
            {"files": {"image": file(png_with_header(8000, 6000))}, "data": {"styles": "sea"}},
            400,
            "megapixels",
        ),
        (STYLIZE, {"json": {"styles": "sea"}}, 415, "Send multipart/form-data."),
        (STYLIZE, {"content": b""}, 415, "Send multipart/form-data."),
        (STYLIZE, {"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "boundary"),
        (STYLIZE_WITH, {"files": PARTS}, 400, "There is no style."),
        (STYLIZE_WITH, {"files": {**PARTS, "style_2": file(STYLE_IMAGE)}}, 400, "There is no style."),
        (STYLIZE_WITH, {"files": {"style": file(STYLE_IMAGE)}}, 400, "There is no image."),
        (STYLIZE_WITH, {"files": {**PARTS, "style": file(b"<svg/>")}}, 400, "style: The file is not an image"),
        (STYLIZE_WITH, {"files": {**BOTH, "style_3": file(SMALL)}}, 400, "style_3: The image has 80 x 31"),
        (STYLIZE_WITH, {"files": {**PARTS, "style": file(LONG)}}, 400, "style: The image has 4000 x 100"),
        (STYLIZE_WITH, {"files": BOTH, "data": {"weights": "[1, 1]"}}, 400, "here 1, such as [1]."),
        (STYLIZE_WITH, {"files": BOTH, "data": {"weights": "1"}}, 400, "JSON list"),
        (STYLIZE_WITH, {"files": BOTH, "data": {"weights": "[0]"}}, 400, "not all of them 0"),
        (STYLIZE_WITH, {"files": BOTH, "data": {"weights": "[NaN]"}}, 400, "from 0 to"),
        (STYLIZE_WITH, {"files": BOTH, "data": {"style_2": "sea"}}, 400, "style_2 must be a file"),
        (STYLIZE_WITH, {"files": BOTH, "data": {"strength": "-0.1"}}, 400, "from 0 to 1"),
        (STYLIZE_WITH, {"json": {"style": "sea"}}, 415, "Send multipart/form-data."),
    ],
)
def test_the_message_for_wrong_input_says_what_to_change(
    service: httpx.Client, path: str, request_: dict[str, Any], status: int, message: str
) -> None:
    response = service.post(path, **request_)
    assert response.status_code == status, response.text
    assert message in error_message(response)


BROKEN = {name: content for name, (content, why) in broken_files().items() if why != "nearly empty"}


@pytest.mark.parametrize("name", BROKEN)
def test_no_broken_file_is_stylized(service: httpx.Client, name: str) -> None:
    content = BROKEN[name]
    for response in (stylize(service, content), stylize_with(service, content)):
        assert response.status_code == 400
        error_message(response)


VALUES = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats(),
    st.text(max_size=8),
    st.lists(st.floats() | st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(list(COLORS)) | st.text(max_size=4), st.floats() | st.integers(), max_size=3),
).map(json.dumps)
FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(
    path=st.sampled_from([STYLIZE, STYLIZE_WITH]),
    data=st.dictionaries(st.sampled_from(["styles", "strength", "keep_colours", "weights", "style_2", "x"]), VALUES),
)
def test_no_values_give_a_500(service: httpx.Client, path: str, data: dict[str, str]) -> None:
    response = service.post(path, files=PARTS if path == STYLIZE else BOTH, data=data)
    assert response.status_code in (200, 400), response.text
    if response.status_code == 400:
        error_message(response)


@FUZZ
@given(kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]), seed=st.integers(0, 2**32 - 1))
def test_no_damaged_photo_gives_a_500(service: httpx.Client, kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    damaged = np.frombuffer(encode(random_image(7, 40, 50), kind), np.uint8).copy()
    damaged[random.integers(0, len(damaged), 8)] = random.integers(0, 256, 8)
    response = stylize(service, damaged[: random.integers(1, len(damaged) + 1)].tobytes())
    assert response.status_code in (200, 400), response.text


@FUZZ
@given(accept=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_no_accept_gives_a_500(service: httpx.Client, accept: str) -> None:
    assert stylize(service, accept=accept.strip()).status_code in (200, 406)
