import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message

from atelier.errors import AtelierError, BadInputError
from atelier.service.http.errors import (
    ErrorMiddleware,
    NoChampionError,
    NotAcceptableError,
    UnsupportedTypeError,
    error_response,
    response_for,
)


async def respond(request: Request) -> Response:
    status = int(request.path_params["status"])
    return error_response(status, "Ours.") if status == 400 else JSONResponse({"fine": True}, status)


SITE = ErrorMiddleware(Starlette(routes=[Route("/{status:int}", respond)]))


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
def test_errors_of_the_frameworks_get_our_message_and_shape(method: str, path: str, status: int) -> None:
    got, headers, body = call(method, path)
    assert got == status
    assert json.loads(body)["error"].endswith(".")
    assert int(headers[b"content-length"]) == len(body)
    assert (b"allow" in headers) == (status == 405)


def test_other_responses_are_not_changed() -> None:
    assert call("GET", "/200")[2] == b'{"fine":true}'
    assert json.loads(call("GET", "/400")[2]) == {"error": "Ours."}


@pytest.mark.parametrize(
    ("error", "status"),
    [(BadInputError, 400), (NotAcceptableError, 406), (UnsupportedTypeError, 415), (NoChampionError, 503)],
)
def test_every_error_has_its_status(error: type[AtelierError], status: int) -> None:
    response = response_for(error("A message."))
    assert response.status_code == status
    assert json.loads(bytes(response.body)) == {"error": "A message."}
    assert ("retry-after" in response.headers) == (status == 503)


def test_an_error_that_is_not_the_clients_fault_is_raised() -> None:
    with pytest.raises(AtelierError):
        response_for(AtelierError("Diverged."))
