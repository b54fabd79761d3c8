"""Which requests with a body are passed on, when, and for how long."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atelier.service.http.errors import CLIENT_CLOSED, error_response
from atelier.service.http.limits import LIMITS, Limits

PICKLE = "application/vnd.bentoml+pickle"
"""BentoML rejects this type too, but with a response of another shape."""
BODYLESS = ("GET", "HEAD", "OPTIONS")


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.response = error_response(status, message)


class _GoneError(Exception):
    """The client has closed the connection."""


class Admission:
    """ASGI middleware that reads the body of a request before it passes the request on.

    A request counts, and its time runs, once its body is in: slow clients hold memory, within limits, and nothing else.
    When the client closes the connection or the time is over, the request is canceled. Requests that have no body,
    for the page and for reading endpoints, are passed on at once.
    """

    def __init__(self, app: ASGIApp, limits: Limits = LIMITS) -> None:
        self.app = app
        self._limits = limits
        self._held = 0  # bytes of all bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in BODYLESS:
            return await self.app(scope, receive, send)
        body = _Body(receive, self._limits, self._hold)
        try:
            self._check(Headers(scope=scope))
            async with asyncio.timeout(self._limits.body_s):
                content = await body.read()
            await self._answer(scope, receive, send, content)
        except TimeoutError:
            await self._late()(scope, receive, send)
        except _RefusedError as refused:
            await refused.response(scope, receive, send)
        except _GoneError:
            await _nobody()(scope, receive, send)
        finally:
            self._held -= body.size

    def _check(self, headers: Headers) -> None:
        if headers.get("content-type", "").startswith(PICKLE):
            raise _RefusedError(415, "The Content-Type is pickle, which this service does not read. Send JSON.")
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", ""):
            raise _RefusedError(415, "The body has a Content-Encoding. Send it without compression.")
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > self._limits.body_bytes:
            raise _too_large(self._limits)

    def _hold(self, size: int) -> bool:
        """Count bytes of a body; false where too many are held."""
        self._held += size
        return self._held <= self._limits.all_bodies_bytes

    def _late(self) -> Response:
        seconds = self._limits.body_s
        return error_response(408, f"The body did not arrive within {seconds:g} seconds. Send a smaller file.")

    def _too_long(self) -> Response:
        seconds = self._limits.timeout_s
        message = f"The request took longer than {seconds:g} seconds. Send it again later, or a smaller image."
        return error_response(504, message)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, content: bytes) -> None:
        """Pass the request on, and cancel it when the client is gone or the time is over."""
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        gone = asyncio.ensure_future(_until_gone(receive))
        answer = asyncio.ensure_future(self.app(scope, _replay(content, gone), note_start))
        try:
            await asyncio.wait({answer, gone}, timeout=self._limits.timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if answer.done() or answer.cancel() is False:
                return await answer
            with suppress(asyncio.CancelledError):
                await answer
            if not started:
                await (_nobody() if gone.done() else self._too_long())(scope, receive, send)
        finally:
            answer.cancel()
            gone.cancel()


class _Body:
    """The body of a request while it is read."""

    def __init__(self, receive: Receive, limits: Limits, hold: Callable[[int], bool]) -> None:
        self._receive = receive
        self._limits = limits
        self._hold = hold
        self.size = 0

    async def read(self) -> bytes:
        """Read all of it.

        Raises
        ------
        _RefusedError
            If it is too large, or if there are too many bodies.
        _GoneError
            If the client closes the connection.
        """
        parts: list[bytes] = []
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            part = message.get("body", b"")
            self.size += len(part)
            held = self._hold(len(part))
            parts.append(part)
            if self.size > self._limits.body_bytes:
                raise _too_large(self._limits)
            if not held:
                raise _RefusedError(429, "The service is busy: it holds too many uploads. Send it again later.")
            more = message.get("more_body", False)
        return b"".join(parts)


def _nobody() -> Response:
    """The response for a client that has left, with a status as in nginx. BentoML waits for one, up to its timeout."""
    return Response(status_code=CLIENT_CLOSED)


def _too_large(limits: Limits) -> _RefusedError:
    size = limits.body_bytes / 2**20
    return _RefusedError(
        413, f"The request is larger than {size:g} MB. Send a smaller file, for example a smaller image."
    )


def _replay(content: bytes, gone: "asyncio.Future[Any]") -> Receive:
    """A `receive` that returns the body, and after it waits for the end of the connection."""
    messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.shield(gone)
        return {"type": "http.disconnect"}

    return receive


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
