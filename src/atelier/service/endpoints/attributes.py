"""`GET /attributes`: what the champion of face editing can change."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from atelier.service.champions import Champions
from atelier.service.endpoints.encode_face import FAMILY
from atelier.service.http.conditional import listing_response
from atelier.service.http.errors import NoChampionError
from atelier.service.http.openapi import GetRoute
from atelier.settings import Settings


class Attribute(Settings):
    """An attribute of faces."""

    name: str
    unit: str = Field(description="Of mean and standard_deviation, such as years; empty for a ratio or a class.")
    mean: float = Field(description="In the training data.")
    standard_deviation: float = Field(description="The unit of changes: 1 changes the attribute by so much.")
    range: tuple[float, float] = Field(description="Changes that were measured to work, in standard deviations.")


class AttributesResponse(Settings):
    """The attributes of `POST /edit_face`, and the model that has learned them."""

    family: str
    version: str | None
    ready: bool
    reason: str | None = Field(description="Why there is no champion, and what to do.")
    attributes: tuple[Attribute, ...]
    intended_use: str = Field("", description="What edits may be used for, and what not.")
    error: str | None = Field(None, description="As reason. Only if ready is false.")


def list_attributes(champions: Champions) -> AttributesResponse:
    """All attributes with their ranges; none, and the reason, if there is no champion."""
    try:
        champion = champions[FAMILY]
    except NoChampionError as error:
        reason = str(error)
        return AttributesResponse(family=FAMILY, version=None, ready=False, reason=reason, attributes=(), error=reason)
    attributes = tuple(
        Attribute(
            name=direction.attribute,
            unit=direction.unit,
            mean=direction.mean,
            standard_deviation=direction.standard_deviation,
            range=direction.range,
        )
        for direction in champion.card.spec.directions
    )
    use = champion.card.spec.intended_use
    return AttributesResponse(**champion.name, ready=True, reason=None, attributes=attributes, intended_use=use)


async def _respond(request: Request) -> Response:
    found = list_attributes(request.app.state.champions)
    return listing_response(request, found, found.ready)


ROUTE = GetRoute(
    "/attributes",
    _respond,
    AttributesResponse,
    description="The attributes that POST /edit_face changes, each with its range.",
    statuses={
        "200": "The attributes, and the model that has learned them.",
        "503": "There is no champion: reason says why and what to do, and so does error.",
    },
)
