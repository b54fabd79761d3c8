import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from atelier.errors import AtelierError, BadInputError
from atelier.service.http.asgi import Message
from atelier.service.http.errors import (
    NoChampionError,
    NotAcceptableError,
    Sentences,
    UnsupportedTypeError,
    explain,
    refusal,
)


async def answer(request: Request) -> Response:
    status = int(request.path_params["status"])
    return refusal(status, "Ours.") if status == 400 else JSONResponse({"fine": True}, status)


SITE = Sentences(Starlette(routes=[Route("/{status:int}", answer)]))


def call(method: str, path: str) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    asyncio.run(SITE(scope, receive, send))
    (start,) = [message for message in sent if message["type"] == "http.response.start"]
    return start["status"], dict(start["headers"]), b"".join(message.get("body", b"") for message in sent)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/a", 404), ("POST", "/200", 405), ("GET", "/500", 500)]
)
def test_what_is_not_ours_becomes_a_sentence(method: str, path: str, status: int) -> None:
    got, headers, body = call(method, path)
    assert got == status
    assert json.loads(body)["error"].endswith(".")
    assert int(headers[b"content-length"]) == len(body)
    assert (b"allow" in headers) == (status == 405)


def test_everything_else_goes_through() -> None:
    assert call("GET", "/200")[2] == b'{"fine":true}'
    assert json.loads(call("GET", "/400")[2]) == {"error": "Ours."}


@pytest.mark.parametrize(
    ("error", "status"),
    [(BadInputError, 400), (NotAcceptableError, 406), (UnsupportedTypeError, 415), (NoChampionError, 503)],
)
def test_every_error_has_its_status(error: type[AtelierError], status: int) -> None:
    answer = explain(error("A sentence."))
    assert answer.status_code == status
    assert json.loads(bytes(answer.body)) == {"error": "A sentence."}
    assert ("retry-after" in answer.headers) == (status == 503)


def test_an_error_that_no_caller_caused_stays_one() -> None:
    with pytest.raises(AtelierError):
        explain(AtelierError("Diverged."))
