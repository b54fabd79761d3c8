"""Limits on what one request may cost, and the middleware that limits the size of bodies."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atelier.service.http.errors import error_response
from atelier.settings import Settings


class Limits(Settings):
    """Upper bounds. They are large enough for people and small enough for the server.

    BentoML's own three (`workers`, `timeout_s`, `concurrency`) can be changed without changing code, for example with
    `BENTOML_CONFIG_OPTIONS="services.atelier.workers=4 services.atelier.traffic.timeout=60"`.
    """

    workers: int = 1
    """Number of processes. Each loads every champion. A request computes on one core, so use one worker per core."""

    body_bytes: int = 10 * 2**20
    """Maximum size of a body. Larger bodies get a 413, chunked ones as soon as they exceed the limit."""
    pixels: int = 40_000_000
    """Maximum width times height of an image, checked before the image is decoded."""
    strokes: int = 500
    """Maximum number of strokes of a drawing. Drawings in Quick Draw have fewer than 200."""
    points: int = 10_000
    """Maximum number of points of a drawing, over all its strokes."""
    drawings: int = 64
    """Maximum number of drawings that are generated for one request."""
    photo: int = 1024
    """Maximum length of a photo's long side in pixels. Larger photos are scaled down before they are stylized."""
    style: int = 512
    """Maximum length of a style image's long side in pixels. Larger ones are scaled down first."""
    style_cache_bytes: int = 2**20
    """Memory for the statistics of style images. Those of one image take a few kilobytes."""
    timeout_s: int = 20
    """Maximum time in seconds that a request may wait and compute. After it, the response is 504."""
    concurrency: int = 64
    """Maximum number of concurrent requests over all workers. Requests beyond it get a 429."""
    threads: int = 2
    """Number of requests that a worker computes at the same time. The others wait."""


LIMITS = Limits()
PICKLE = "application/vnd.bentoml+pickle"
"""BentoML rejects this type too, but with a response of another shape."""


class BodyLimit:
    """ASGI middleware that responds with 413 to a body over the limit, whether or not its length was declared."""

    def __init__(self, app: ASGIApp, limit: int = LIMITS.body_bytes) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        if headers.get("content-type", "").startswith(PICKLE):
            response = error_response(415, "The Content-Type is pickle, which this service does not read. Send JSON.")
            return await response(scope, receive, send)
        if _declared_length(headers) > self.limit:
            return await _too_large(self.limit)(scope, receive, send)
        body = _CountedBody(scope, receive, send, self.limit)
        return await self.app(scope, body.receive, body.send)


class _CountedBody:
    """A connection that counts the bytes of the body.

    When the body exceeds the limit, the 413 response is sent at once. To the application it looks as if the client
    had disconnected, and whatever it sends after that is dropped.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._limit = limit
        self._remaining = limit
        self._rejected = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._remaining -= len(message.get("body", b""))
        if self._remaining >= 0:
            return message
        if not self._rejected:
            self._rejected = True
            await _too_large(self._limit)(self._scope, self._receive, self._send)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self._rejected:
            await self._send(message)


def _too_large(limit: int) -> JSONResponse:
    message = f"The request is larger than {limit / 2**20:g} MB. Send a smaller file, for example a smaller image."
    return error_response(413, message)


def _declared_length(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
