"""Every request is counted, timed and logged."""

import logging
from time import perf_counter
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atelier.service.http.errors import CLIENT_CLOSED
from atelier.service.http.metrics import ROUTES, metrics

logger = logging.getLogger("bentoml.access")
"""BentoML's own access log is off, because it writes addresses and types as clients send them."""
QUIET = ("/livez", "/healthz", "/readyz", "/metrics")
"""Addresses that are asked every few seconds and not logged."""
PATH_LENGTH = 120
STATUS_REASONS = {408: "slow body", 413: "too large", 415: "unsupported type", 429: "busy", 504: "too late"}
"""HTTP status → reason of a refusal by a middleware. What an endpoint refuses, it counts itself."""


class Observer:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begin = perf_counter()
        status = CLIENT_CLOSED

        async def note_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            self._report(scope, status, perf_counter() - begin)

    def _report(self, scope: Scope, status: int, seconds: float) -> None:
        route = ROUTES.template(scope["path"])
        metrics().requests.labels(route, status).inc()
        metrics().seconds.labels(route).observe(seconds)
        if status in STATUS_REASONS and not scope.get("atelier.refused"):
            metrics().refusals.labels(route, STATUS_REASONS[status]).inc()
        if scope["path"] not in QUIET:
            address = scope.get("client") or ("", 0)
            path = quote(scope["path"][:PATH_LENGTH], safe="/")
            logger.info("%s %s %s %d %.1f ms", address[0], scope["method"], path, status, seconds * 1000)
