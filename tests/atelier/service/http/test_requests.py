import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.requests import Request

from atelier.errors import BadInputError
from atelier.service.endpoints.classify_drawing import DrawingQuestion
from atelier.service.endpoints.generate_drawing import SketchQuestion
from atelier.service.endpoints.stylize import StylizeQuestion
from atelier.service.endpoints.stylize_with import StylizeWithQuestion
from atelier.service.http.errors import NoChampionError, UnsupportedTypeError, explain
from atelier.service.http.requests import Question

BOUNDARY = "frontier"


def ask(
    body: bytes, kind: str | None, question: type[Question] = DrawingQuestion, accept: Sequence[str] = ()
) -> Question:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", kind.encode())] if kind is not None else []
    headers += [(b"accept", each.encode()) for each in accept]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    return asyncio.run(question.from_http_request(request, None))


def form(*parts: tuple[str, bytes]) -> bytes:
    lines = [f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body for head, body in parts]
    return b"\r\n".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


FORM = f"multipart/form-data; boundary={BOUNDARY}"


def test_json_is_read_also_without_a_type() -> None:
    for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON", None):
        assert ask(b'{"top_k": 2}', kind).parts() == {"top_k": 2}


def test_a_form_gives_files_as_bytes_and_values_as_json() -> None:
    body = form(('name="image"; filename="cat.png"', b"\x89PNG"), ('name="top_k"', b"3"))
    assert ask(body, FORM).parts() == {"image": b"\x89PNG", "top_k": 3}


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
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
def test_what_cannot_be_read_becomes_a_sentence(body: bytes, kind: str, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        ask(body, kind).parts()


@pytest.mark.parametrize("kind", ["image/png", "text/plain", "application/x-www-form-urlencoded", "", "\u00e9"])
def test_other_types_are_named_as_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedTypeError, match=r"multipart/form-data"):
        ask(b"image=http://example.org/cat.png", kind).parts()


@pytest.mark.parametrize("question", [StylizeQuestion, StylizeWithQuestion])
def test_a_question_that_needs_a_file_is_asked_in_a_form_alone(question: type[Question]) -> None:
    body = form(('name="image"; filename="cat.png"', b"\x89PNG"), ('name="strength"', b"0.5"))
    assert ask(body, FORM, question).parts() == {"image": b"\x89PNG", "strength": 0.5}
    for kind in ("application/json", "application/x-www-form-urlencoded", None):
        with pytest.raises(UnsupportedTypeError, match=r"Send multipart/form-data\.$"):
            ask(b"{}", kind, question).parts()


def test_what_is_accepted_is_kept() -> None:
    assert ask(b"{}", None).accept == ""
    assert ask(b"{}", None, accept=["image/webp", "image/*;q=0.1"]).accept == "image/webp, image/*;q=0.1"


def test_a_question_without_files_is_asked_in_json_alone() -> None:
    assert ask(b'{"label": "sun", "as": "array"}', "application/json", SketchQuestion).parts()["as"] == "array"
    body = form(('name="label"', b"sun"))
    for kind in (FORM, "text/plain"):
        with pytest.raises(UnsupportedTypeError, match=r"Send application/json, such as \{\"label\": \"house\"\}\."):
            ask(body, kind, SketchQuestion).parts()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "empty. Send application/json, such as"),
        (b"[]", 'must be an object, such as {"label": "house"}.'),
        (b'{"label": "sun", "form": "png"}', "no part called 'form'. The parts are: label, count, seed, as."),
    ],
)
def test_a_sentence_shows_what_this_question_takes(body: bytes, sentence: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(sentence)):
        ask(body, "application/json", SketchQuestion).parts()


def test_refusals_have_their_status() -> None:
    errors = [BadInputError("a"), UnsupportedTypeError("a"), NoChampionError("a")]
    assert [explain(error).status_code for error in errors] == [400, 415, 503]
