import asyncio
import json
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from atelier.service.http.limits import BodyLimit


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond with the number of bytes of the body, or with 500 if the client disconnected."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            length, more = -1, False
        else:
            length += len(message["body"])
            more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 500 if length < 0 else 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


def call(chunks: list[bytes], length: str | None = None) -> tuple[int, bytes]:
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": i + 1 < len(chunks)} for i, chunk in enumerate(chunks)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", length.encode())] if length is not None else []
    scope: dict[str, Any] = {"type": "http", "headers": headers}
    asyncio.run(BodyLimit(echo_length, limit=10)(scope, receive, send))
    starts = [message for message in sent if message["type"] == "http.response.start"]
    assert len(starts) == 1
    return starts[0]["status"], b"".join(message.get("body", b"") for message in sent)


def test_a_body_at_the_limit_is_accepted() -> None:
    assert call([b"12345", b"67890"], "10") == (200, b"10")


def test_a_declared_length_over_the_limit_is_rejected_before_reading() -> None:
    status, body = call([b"never read"], "11")
    assert status == 413
    assert "MB" in json.loads(body)["error"]


def test_a_chunked_body_is_rejected_when_it_exceeds_the_limit() -> None:
    status, body = call([b"12345", b"67890", b"1", b"more"])
    assert status == 413
    assert "MB" in json.loads(body)["error"]


def test_a_wrong_declared_length_does_not_get_around_the_limit() -> None:
    for length in ("3", "-1", "many", "", "１２"):
        assert call([b"123456", b"7890123"], length if length.isascii() else "x")[0] == 413
