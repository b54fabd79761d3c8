"""`GET /models`: every family, with the card of its champion."""

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from atelier.champion_history import Period
from atelier.service.champions import Champions
from atelier.service.http.conditional import json_response
from atelier.service.http.openapi import GetRoute
from atelier.settings import Settings

LONG: dict[str, Any] = {"thumbnails": True, "directions": {"__all__": {"vector"}}}
"""What of a card's interface is left out."""


class ModelEntry(Settings):
    """A family and its champion."""

    family: str
    version: str | None
    ready: bool
    reason: str | None = Field(description="Why the family has no champion, and what to do.")
    card: dict[str, Any] | None = Field(
        description="The model card without thumbnails, which GET /styles has, and without the vectors of directions: "
        "they are much longer than the rest."
    )
    history: tuple[Period, ...] = Field(
        default=(),
        description="Who was champion from when to when and why, oldest first, as of the time of packaging.",
    )


class ModelsResponse(Settings):
    """All families. Those without a champion have a reason."""

    models: tuple[ModelEntry, ...]


def list_models(champions: Champions) -> ModelsResponse:
    """All families, those with a champion first."""
    ready = [
        ModelEntry(
            **champion.name,
            ready=True,
            reason=None,
            card=champion.card.model_dump(mode="json", exclude={"spec": LONG}),
            history=champion.history,
        )
        for champion in champions.ready.values()
    ]
    missing = [
        ModelEntry(family=family, version=None, ready=False, reason=reason, card=None)
        for family, reason in champions.missing.items()
    ]
    return ModelsResponse(models=(*ready, *missing))


async def _respond(request: Request) -> Response:
    return json_response(request, list_models(request.app.state.champions).model_dump(mode="json"))


ROUTE = GetRoute(
    "/models",
    _respond,
    ModelsResponse,
    description="Every family with the card of its champion: metrics, data hashes, run, commit; and its history.",
    statuses={"200": "The families. Those without a champion have a reason."},
)
