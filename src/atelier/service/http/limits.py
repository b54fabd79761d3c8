"""What one request may cost: every limit of the service, and the middleware that keeps the size of bodies."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from atelier.service.http.asgi import App, Message, Receive, Scope, Send
from atelier.service.http.errors import refusal
from atelier.settings import Settings


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
    drawings: int = 64
    """Drawings that a model makes for one answer."""
    photo: int = 1024
    """Pixels of the long side of a photo that is painted; a larger one is made smaller first."""
    style: int = 512
    """Pixels of the long side at which a style image is looked at."""
    styles_kept: int = 256
    """Style images whose statistics are remembered, a few kilobytes each."""
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
    """ASGI middleware: answers 413 to a body over the limit, whether or not its length was announced."""

    def __init__(self, app: App, limit: int = LIMITS.body_bytes) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        if headers.get("content-type", "").startswith(PICKLE):
            answer = refusal(415, "The Content-Type is pickle, which is not read. Send JSON.")
            return await answer(scope, receive, send)
        if _announced(headers) > self.limit:
            return await _too_long(self.limit)(scope, receive, send)
        body = _CountedBody(scope, receive, send, self.limit)
        return await self.app(scope, body.receive, body.send)


class _CountedBody:
    """A connection that counts what comes in.

    Past the limit the refusal is sent at once and the application sees a client that went away; whatever it answers to
    that is dropped.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._left = limit
        self._refused = False
        self._limit = limit

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left >= 0:
            return message
        if not self._refused:
            self._refused = True
            await _too_long(self._limit)(self._scope, self._receive, self._send)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self._refused:
            await self._send(message)


def _too_long(limit: int) -> JSONResponse:
    return refusal(413, f"The request is over {limit / 2**20:g} MB. Send a smaller file: shrink the picture first.")


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
