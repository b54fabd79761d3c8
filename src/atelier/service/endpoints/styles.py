"""`GET /styles`: the styles that the champion of `fast_style` knows."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from atelier.service.champions import Champions
from atelier.service.endpoints.stylize import FAMILY
from atelier.service.http.conditional import listing_response
from atelier.service.http.errors import NoChampionError
from atelier.service.http.openapi import GetRoute
from atelier.settings import Settings


class Style(Settings):
    """A style."""

    name: str
    thumbnail: str | None = Field(description="The data: URL of a small image, null if the model has none.")


class StylesResponse(Settings):
    """The styles of `POST /stylize`, and the model that was trained on them."""

    family: str
    version: str | None
    ready: bool
    reason: str | None = Field(description="Why there is no champion, and what to do.")
    styles: tuple[Style, ...]
    error: str | None = Field(None, description="As reason. Only if ready is false.")


def list_styles(champions: Champions) -> StylesResponse:
    """All styles with their thumbnails; none, and the reason, if there is no champion."""
    try:
        champion = champions[FAMILY]
    except NoChampionError as error:
        reason = str(error)
        return StylesResponse(family=FAMILY, version=None, ready=False, reason=reason, styles=(), error=reason)
    spec = champion.card.spec
    styles = tuple(Style(name=name, thumbnail=spec.thumbnails.get(name)) for name in spec.labels)
    return StylesResponse(**champion.name, ready=True, reason=None, styles=styles)


async def _respond(request: Request) -> Response:
    found = list_styles(request.app.state.champions)
    return listing_response(request, found, found.ready)


ROUTE = GetRoute(
    "/styles",
    _respond,
    StylesResponse,
    description="The styles that POST /stylize takes, each with a small image of what it looks like.",
    statuses={
        "200": "The styles, and the model that was trained on them.",
        "503": "There is no champion: reason says why and what to do, and so does error.",
    },
)
