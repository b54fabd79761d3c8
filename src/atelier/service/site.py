"""What is read rather than computed: the page, `GET /models` and `GET /styles`, as an app mounted beside BentoML's."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from atelier.service.endpoints.styles import styles_of
from atelier.service.http.asgi import App, Message, Receive, Scope, Send
from atelier.service.http.errors import RETRY

PAGE = Path(__file__).parent / "page"
HEADERS = {
    # Everything the page needs comes from this server; pictures that the reader chose are shown from memory.
    b"content-security-policy": b"default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-cache",
}


class PageHeaders:
    """ASGI middleware: what browsers should know about the page."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS.items()]
            await send(message)

        await self.app(scope, receive, with_headers)


async def index(_: Request) -> Response:
    """The page."""
    return FileResponse(PAGE / "index.html")


async def models(request: Request) -> Response:
    """Every family with the card of its champion: the lineage of whatever this service answers."""
    return JSONResponse({"models": request.app.state.champions.overview()})


async def styles(request: Request) -> Response:
    """The styles of `POST /stylize`, or 503 with the reason why there are none."""
    answer = styles_of(request.app.state.champions)
    return JSONResponse(answer) if answer["ready"] else JSONResponse(answer, 503, RETRY)


async def openapi(request: Request) -> Response:
    """BentoML's OpenAPI document, completed."""
    return JSONResponse(request.app.state.openapi())


def create_site() -> Starlette:
    """The app. Whoever mounts it sets `state.champions` and `state.openapi` before the first request."""
    return Starlette(
        routes=[
            Route("/", index),
            Route("/models", models),
            Route("/styles", styles),
            Route("/docs.json", openapi),
            Mount("/page", StaticFiles(directory=PAGE)),
        ],
        middleware=[Middleware(PageHeaders)],
    )
