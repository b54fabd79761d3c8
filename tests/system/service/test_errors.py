"""Every input that the service cannot use gets a message that says what to change, and never a 500."""

import io
import json
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.service_requests import CLASSIFY_DRAWING, LINE, error_message, line_image

pytestmark = pytest.mark.system


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        ({"files": {"image": ("a.png", b"hello")}}, 400, "not an image"),
        ({"files": {"image": ("a.png", b"")}}, 400, "empty"),
        ({"files": {"image": ("a.png", line_image()[:100])}}, 400, "damaged"),
        ({"files": {"image": ("a.png", b"x" * (11 * 2**20))}}, 413, "10 MB"),
        ({"content": (b"x" * 2**16 for _ in range(200))}, 413, "10 MB"),
        ({"files": {"image": ("a.png", line_image())}, "data": {"strokes": json.dumps(LINE)}}, 400, "not both"),
        ({"files": {"image": ("a.png", line_image())}, "data": {"top_k": "99"}}, 400, "top_k"),
        ({"data": {"image": "http://127.0.0.1:9/cat.png"}}, 415, "multipart/form-data"),
        ({"json": {"image": "/etc/passwd"}}, 400, "must be a file"),
        ({"json": {}}, 400, "image or strokes"),
        ({"content": b""}, 400, "empty"),
        ({"json": {"strokes": []}}, 400, "at least one stroke"),
        ({"content": b'{"strokes": [[[NaN, 1], [2, 3]]]}'}, 400, "finite"),
        ({"content": b'{"strokes": [[[1e999, 1], [2, 3]]]}'}, 400, "finite"),
        ({"json": {"strokes": [[[1, 2], [3, 4]]] * 4000}}, 400, "at most 500 strokes"),
        ({"json": {"strokes": [[list(range(30_000))] * 2]}}, 400, "at most 10000 points"),
        ({"json": {"strokes": LINE, "top_k": 0}}, 400, "top_k"),
        ({"json": {"strokes": LINE, "top": 1}}, 400, "no part called"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400, "not valid JSON"),
        ({"content": b"x", "headers": {"content-type": "application/vnd.bentoml+pickle"}}, 415, "Content-Type"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "boundary"),
    ],
)
def test_the_message_for_wrong_input_says_what_to_change(
    service: httpx.Client, request_: dict[str, Any], status: int, message: str
) -> None:
    response = service.post(CLASSIFY_DRAWING, **request_)
    assert response.status_code == status, response.text
    assert message in error_message(response)


def test_a_decompression_bomb_is_rejected_and_the_service_continues(service: httpx.Client) -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG", optimize=True)
    response = service.post(CLASSIFY_DRAWING, files={"image": ("bomb.png", bomb.getvalue())})
    assert response.status_code == 400
    assert "megapixels" in error_message(response)
    assert service.post(CLASSIFY_DRAWING, json={"strokes": LINE}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CLASSIFY_DRAWING, 405), ("POST", "/models", 405), ("GET", "/nothing", 404), ("GET", "/page/nothing", 404)],
)
def test_wrong_methods_and_addresses_get_a_message(service: httpx.Client, method: str, path: str, status: int) -> None:
    response = service.request(method, path)
    assert response.status_code == status
    assert "/docs.json" in error_message(response)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=30,
)
COORDINATES = st.lists(st.floats(-1e7, 1e7) | st.integers() | st.just(float("nan")), max_size=8)
STROKES = st.lists(st.lists(COORDINATES, max_size=4), max_size=5)
TYPES = st.sampled_from(
    ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "image/png", "text/plain", "", ";"]
)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def never_fails(service: httpx.Client, **request: Any) -> None:
    response = service.post(CLASSIFY_DRAWING, **request)
    assert response.status_code in (200, 400, 415), response.text
    if response.status_code != 200:
        error_message(response)


@FUZZ
@given(parts=st.fixed_dictionaries({}, optional={"strokes": STROKES | VALUES, "top_k": VALUES, "image": VALUES}))
def test_no_json_gives_a_500(service: httpx.Client, parts: dict[str, Any]) -> None:
    content = json.dumps(parts, ensure_ascii=True).encode()
    never_fails(service, content=content, headers={"content-type": "application/json"})


@FUZZ
@given(content=st.binary(max_size=300), kind=TYPES)
def test_no_bytes_of_any_type_give_a_500(service: httpx.Client, content: bytes, kind: str) -> None:
    never_fails(service, content=content, headers={"content-type": kind})


@FUZZ
@given(
    name=st.sampled_from(["image", "strokes", "top_k", "", "x"]), content=st.binary(max_size=200), as_file=st.booleans()
)
def test_no_form_gives_a_500(service: httpx.Client, name: str, content: bytes, as_file: bool) -> None:
    disposition = f'form-data; name="{name}"' + ('; filename="f"' if as_file else "")
    body = f"--edge\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n--edge--\r\n"
    never_fails(service, content=body, headers={"content-type": "multipart/form-data; boundary=edge"})


@FUZZ
@given(kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]), seed=st.integers(0, 2**32 - 1))
def test_no_damaged_image_gives_a_500(service: httpx.Client, kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    damaged = np.frombuffer(line_image((60, 40), kind), np.uint8).copy()
    damaged[random.integers(0, len(damaged), 8)] = random.integers(0, 256, 8)
    never_fails(service, files={"image": ("a", damaged[: random.integers(1, len(damaged) + 1)].tobytes())})
