"""What one request may cost: every limit of the service, and the middleware that keeps the size of bodies."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers

from atelier.service.refusals import refusal
from atelier.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Limits(Settings):
    """Upper bounds, generous for people and cheap for the server.

    BentoML's own three can be changed without touching code, for example with
    `BENTOML_CONFIG_OPTIONS="services.atelier.workers=4 services.atelier.traffic.timeout=60"`.
    """

    workers: int = 1
    """Processes that answer; each loads every champion. One a core is right: a request computes on one core."""

    body_bytes: int = 10 * 2**20
    """Longer bodies are refused with 413, chunked ones as soon as they pass the limit."""
    pixels: int = 40_000_000
    """Width times height of a picture, looked at before it is decoded."""
    strokes: int = 500
    """Strokes of one drawing; the longest in Quick Draw has fewer than 200."""
    points: int = 10_000
    """Points of one drawing, all strokes together."""
    timeout_s: int = 20
    """A request that waits or works longer is answered with 504."""
    concurrency: int = 64
    """Requests under way at once, all workers together; one more is answered with 429."""
    threads: int = 2
    """Requests that one worker computes at once; the others wait."""


LIMITS = Limits()
PICKLE = "application/vnd.bentoml+pickle"
"""BentoML refuses it as well, but in another shape than every other refusal."""


class BodyLimit:
    """ASGI middleware: answers 413 to a body over the limit, whether or not its length was announced.

    When a chunked body turns out too long, the answer is sent at once and the application sees a client that went
    away; whatever it answers to that is dropped.
    """

    def __init__(self, app: App, limit: int = LIMITS.body_bytes) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if Headers(scope=scope).get("content-type", "").startswith(PICKLE):
            return await refusal(415, "The Content-Type is pickle, which is not read. Send JSON.")(scope, receive, send)
        if _announced(scope) > self.limit:
            return await self._refuse(scope, receive, send)
        received = 0
        refused = False

        async def counted() -> Message:
            nonlocal received, refused
            message = await receive()
            received += len(message.get("body", b""))
            if received <= self.limit:
                return message
            if not refused:
                refused = True
                await self._refuse(scope, receive, send)
            return {"type": "http.disconnect"}

        async def unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        return await self.app(scope, counted, unless_refused)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        sentence = f"The request is over {self.limit / 2**20:g} MB. Send a smaller file: shrink the picture first."
        await refusal(413, sentence)(scope, receive, send)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
