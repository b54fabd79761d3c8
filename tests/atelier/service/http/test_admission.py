import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from atelier.service.http.admission import Admission
from atelier.service.http.limits import LIMITS


class Client:
    """A connection: what the client sends, one message after the other, and what it receives."""

    def __init__(self, *chunks: bytes, stays: bool = True) -> None:
        count = len(chunks)
        self._messages: list[Message] = [
            {"type": "http.request", "body": chunk, "more_body": number + 1 < count}
            for number, chunk in enumerate(chunks)
        ]
        self._stays = stays
        self.received: list[Message] = []

    async def receive(self) -> Message:
        if not self._messages and self._stays:
            await asyncio.Event().wait()
        return self._messages.pop(0) if self._messages else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.received.append(message)

    @property
    def status(self) -> int:
        starts = [message["status"] for message in self.received if "status" in message]
        assert len(starts) == 1
        return int(starts[0])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.received)

    @property
    def error(self) -> str:
        return str(json.loads(self.body)["error"])


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    assert not message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(message["body"])).encode()})


def call(client: Client, app: Any = echo_length, headers: dict[bytes, bytes] | None = None, **limits: Any) -> Client:
    scope = {"type": "http", "method": "POST", "headers": list((headers or {}).items())}
    changed = LIMITS.model_copy(update={"body_bytes": 10, **limits})
    asyncio.run(Admission(app, changed)(scope, client.receive, client.send))
    return client


def test_a_body_at_the_limit_is_passed_on_as_a_whole() -> None:
    client = call(Client(b"12345", b"67890"), headers={b"content-length": b"10"})
    assert (client.status, client.body) == (200, b"10")


def test_a_declared_length_over_the_limit_is_refused_before_reading() -> None:
    assert call(Client(), headers={b"content-length": b"11"}).status == 413


@pytest.mark.parametrize("length", [None, b"3", b"-1", b"many", b"", b"9" * 4000])
def test_a_body_over_the_limit_is_refused_whatever_length_it_declares(length: bytes | None) -> None:
    client = call(Client(b"123456", b"789012", b"more"), headers={} if length is None else {b"content-length": length})
    assert client.status == 413
    assert "MB" in client.error


@pytest.mark.parametrize("encoding", [b"gzip", b"br, gzip"])
def test_a_compressed_body_is_refused(encoding: bytes) -> None:
    client = call(Client(b"x"), headers={b"content-encoding": encoding})
    assert client.status == 415
    assert "without compression" in client.error


def test_a_body_that_does_not_arrive_is_refused() -> None:
    client = Client(b"1", b"2")
    client._messages.pop()
    assert call(client, body_s=0.05).status == 408


def test_the_request_of_a_client_that_leaves_before_its_body_is_in_is_not_passed_on() -> None:
    client = Client(b"1", b"2", stays=False)
    client._messages.pop()
    assert call(client).status == 499


def test_too_many_bodies_at_a_time_are_refused() -> None:
    assert call(Client(b"1234"), all_bodies_bytes=3).status == 429


def test_bodies_are_forgotten_when_they_are_answered() -> None:
    async def twice() -> list[int]:
        admission = Admission(echo_length, LIMITS.model_copy(update={"all_bodies_bytes": 5}))
        clients = [Client(b"1234"), Client(b"1234")]
        for client in clients:
            await admission({"type": "http", "method": "POST", "headers": []}, client.receive, client.send)
        return [client.status for client in clients]

    assert asyncio.run(twice()) == [200, 200]


class Endless:
    """An application that never answers."""

    canceled = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.canceled = True
            raise


def test_a_request_that_takes_too_long_is_canceled_and_answered() -> None:
    app = Endless()
    client = call(Client(b"1"), app, timeout_s=0.05)
    assert client.status == 504
    assert app.canceled


def test_the_request_of_a_client_that_has_left_is_canceled() -> None:
    app = Endless()
    client = call(Client(b"1", stays=False), app)
    assert client.status == 499
    assert app.canceled


def test_a_request_without_a_body_is_passed_on_at_once() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    client = Client()
    scope = {"type": "http", "method": "GET", "headers": []}
    asyncio.run(Admission(app)(scope, client.receive, client.send))
    assert client.status == 204
