import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.requests import Request

from atelier.errors import BadInputError
from atelier.service.endpoints.classify_drawing import ClassifyDrawingRequest
from atelier.service.endpoints.generate_drawing import GenerateDrawingRequest
from atelier.service.endpoints.stylize import StylizeRequest
from atelier.service.endpoints.stylize_with import StylizeWithRequest
from atelier.service.http.errors import UnsupportedTypeError
from atelier.service.http.requests import EndpointRequest

BOUNDARY = "boundary"


def read(
    body: bytes,
    body_type: str | None,
    request_type: type[EndpointRequest] = ClassifyDrawingRequest,
    accept: Sequence[str] = (),
) -> EndpointRequest:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", body_type.encode())] if body_type is not None else []
    headers += [(b"accept", each.encode()) for each in accept]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    return asyncio.run(request_type.from_http_request(request, None))


def form(*parts: tuple[str, bytes]) -> bytes:
    lines = [f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body for head, body in parts]
    return b"\r\n".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


FORM = f"multipart/form-data; boundary={BOUNDARY}"


def test_json_is_read_with_and_without_a_type() -> None:
    for body_type in ("application/json", "application/json; charset=utf-8", "Application/JSON", None):
        request = read(b'{"strokes": [[[1], [2]]], "top_k": 2}', body_type, ClassifyDrawingRequest).validated()
        assert (request.strokes, request.top_k) == ([[[1], [2]]], 2)


def test_a_form_has_files_as_bytes_and_values_as_json() -> None:
    body = form(('name="image"; filename="cat.png"', b"\x89PNG"), ('name="top_k"', b"3"))
    request = read(body, FORM).validated()
    assert (request.image, request.top_k) == (b"\x89PNG", 3)


@pytest.mark.parametrize(
    ("body", "body_type", "message"),
    [
        (b"", "application/json", "empty"),
        (b"{", "application/json", "not valid JSON"),
        (b"\xff\xfe{", "application/json", "not valid JSON"),
        (b"[1]", "application/json", "must be an object"),
        (b"null", "application/json", "must be an object"),
        (b"[" * 100_000, "application/json", "nested too deeply"),
        (b'{"strokes": ' + b"9" * 5000 + b"}", "application/json", "not valid JSON"),
        (b'{"stroke": []}', "application/json", "no part called 'stroke'"),
        (b"abc", "multipart/form-data", "cannot be read"),
        (form(('name="image"', b"1"), ('name="image"', b"2")), FORM, "twice"),
        (form(('name="picture"; filename="a"', b"1")), FORM, "no part called 'picture'"),
        (form(*[(f'name="a{i}"', b"1") for i in range(40)]), FORM, "cannot be read"),
        (form(('name="strokes"', b"1" * 2**21)), FORM, "cannot be read"),
    ],
)
def test_the_message_for_a_body_that_cannot_be_read(body: bytes, body_type: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        read(body, body_type).validated()


@pytest.mark.parametrize("body_type", ["image/png", "text/plain", "application/x-www-form-urlencoded", "", "\u00e9"])
def test_other_types_are_unsupported(body_type: str) -> None:
    with pytest.raises(UnsupportedTypeError, match=r"multipart/form-data"):
        read(b"image=http://example.org/cat.png", body_type).validated()


FILES = [
    ('name="image"; filename="cat.png"', b"\x89PNG"),
    ('name="style"; filename="sea.png"', b"GIF"),
    ('name="strength"', b"0.5"),
]


@pytest.mark.parametrize(
    ("request_type", "parts"),
    [(StylizeRequest, [FILES[0], FILES[2], ('name="styles"', b"sea")]), (StylizeWithRequest, FILES)],
)
def test_a_request_with_a_required_file_is_sent_as_form_only(
    request_type: type[EndpointRequest], parts: list[tuple[str, bytes]]
) -> None:
    request = read(form(*parts), FORM, request_type).validated()
    assert (request.image, request.strength) == (b"\x89PNG", 0.5)
    for body_type in ("application/json", "application/x-www-form-urlencoded", None):
        with pytest.raises(UnsupportedTypeError, match=r"Send multipart/form-data\.$"):
            read(b"{}", body_type, request_type).validated()


def test_the_accept_header_is_kept() -> None:
    assert read(b"{}", None).accept == ""
    body = b'{"label": "sun"}'
    request = read(body, None, GenerateDrawingRequest, accept=["image/webp", "image/*;q=0.1"])
    assert request.accept == request.validated().accept == "image/webp, image/*;q=0.1"


def test_a_request_without_files_is_sent_as_json_only() -> None:
    body = b'{"label": "sun", "as": "array"}'
    assert read(body, "application/json", GenerateDrawingRequest).validated().form == "array"
    body = form(('name="label"', b"sun"))
    for body_type in (FORM, "text/plain"):
        with pytest.raises(UnsupportedTypeError, match=r"Send application/json, such as \{\"label\": \"house\"\}\."):
            read(body, body_type, GenerateDrawingRequest).validated()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty. Send application/json, such as"),
        (b"[]", 'must be an object, such as {"label": "house"}.'),
        (b'{"label": "sun", "form": "png"}', "no part called 'form'. The parts are: label, count, seed, as."),
    ],
)
def test_the_message_shows_what_the_request_accepts(body: bytes, message: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(message)):
        read(body, "application/json", GenerateDrawingRequest).validated()
