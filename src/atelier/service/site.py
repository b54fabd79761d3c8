"""The page and the GET routes: a Starlette app that is mounted beside BentoML's endpoints."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atelier.service.endpoints import attributes, models, styles
from atelier.service.http import metrics
from atelier.service.http.conditional import json_response

PAGE = Path(__file__).parent / "page"
ROUTES = (models.ROUTE, styles.ROUTE, attributes.ROUTE)
"""The GET routes that the OpenAPI document describes."""
HEADERS = {
    # The page loads everything from this server. Images that the user has opened are shown from memory.
    b"content-security-policy": b"default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-cache",
}
SWAGGER = {
    "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
"""Swagger UI sets styles of single elements. Its scripts come from this server, as all others."""


class PageHeaders:
    """ASGI middleware that adds `HEADERS` to every response, except those that it has."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                missing = [header for header in HEADERS.items() if header[0] not in present]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self.app(scope, receive, with_headers)


async def index(_: Request) -> Response:
    """The page."""
    return FileResponse(PAGE / "index.html")


async def to_index(_: Request) -> Response:
    """The folder of the page's files is not the page."""
    return RedirectResponse("/")


async def docs(_: Request) -> Response:
    """The OpenAPI document in Swagger UI, whose files BentoML serves."""
    return FileResponse(PAGE / "docs.html", headers=SWAGGER)


async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return json_response(request, request.app.state.openapi())


def create_site() -> Starlette:
    """The app. Set `state.champions` and `state.openapi` before the first request."""
    metrics.ROUTES.know(
        "/", "/docs", "/docs.json", "/metrics", "/livez", "/healthz", "/readyz", *(each.path for each in ROUTES)
    )
    return Starlette(
        routes=[
            Route("/", index),
            Route("/docs", docs),
            Route("/docs.json", openapi),
            Route("/metrics", metrics.respond),
            *(Route(route.path, route.handler) for route in ROUTES),
            Route("/page", to_index),
            Route("/page/", to_index),
            Mount("/page", StaticFiles(directory=PAGE)),
        ],
        middleware=[Middleware(PageHeaders)],
    )
