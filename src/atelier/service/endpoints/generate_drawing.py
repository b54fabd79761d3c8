"""`POST /generate_drawing`: new drawings of a label."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from starlette.responses import Response

from atelier.predictors.drawing_generator import Generator
from atelier.preprocessing.spec import DrawingInput
from atelier.service.champions import Champion, Champions
from atelier.service.http.fields import MAX_SEED, known_label, seed_or_random
from atelier.service.http.image_responses import Drawings, grid_response
from atelier.service.http.limits import LIMITS
from atelier.service.http.openapi_bodies import Choices
from atelier.service.http.provenance import Provenance
from atelier.service.http.requests import JSON, EndpointRequest, endpoint
from atelier.settings import Settings

FAMILY = "quickdraw_gan"
COUNT = 16


class GenerateDrawingRequest(EndpointRequest):
    """What to draw, and how many drawings."""

    media_type: ClassVar[str | None] = JSON
    example: ClassVar[str] = '{"label": "house"}'
    label: str = Field(
        description="What to draw: one of the labels in the model's card, see GET /models.", examples=["house"]
    )
    count: int = Field(COUNT, ge=1, le=LIMITS.drawings, description="Number of drawings.")
    seed: int | None = Field(
        None,
        ge=0,
        le=MAX_SEED,
        description="The same seed gives the same drawings with the same version of the model. "
        "Default: random, see the response.",
    )
    form: Literal["png", "array"] = Field(
        "png", alias="as", description="All drawings in a grid as one image, or each drawing as numbers."
    )


class DrawingProvenance(Provenance):
    """Everything that is needed to generate the same drawings again. A PNG has it in its headers."""

    label: str
    seed: int


class GenerateDrawingResponse(DrawingProvenance):
    """Drawings as numbers."""

    images: list[list[list[int]]] = Field(
        description="Each drawing as rows from top to bottom, pixels from left to right: grey levels, 0 is the black "
        "background, 255 a white stroke, as in the Quick Draw bitmaps.",
    )


class GenerateDrawing:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: DrawingInput}
    champions: Champions

    @staticmethod
    def choices(champions: Champions) -> dict[str, Choices]:
        """Route → part → its values, for the OpenAPI document."""
        return {"/generate_drawing": {"label": champions.labels(FAMILY)}}

    @endpoint("/generate_drawing", GenerateDrawingRequest, GenerateDrawingResponse)
    def generate_drawing(self, request: GenerateDrawingRequest) -> GenerateDrawingResponse | Response:
        """Draw a label: one PNG with all drawings in a grid, black on white, or their grey levels as JSON."""
        champion = self.champions[FAMILY]
        return generate(champion, request.validated())


def generate(champion: Champion, request: GenerateDrawingRequest) -> GenerateDrawingResponse | Response:
    """The champion's response to a validated request.

    Raises
    ------
    BadInputError
        If the model does not know the label.
    """
    generator = Generator(champion.model, champion.card.spec)
    label = known_label(request.label, generator.labels)
    seed = seed_or_random(request.seed)
    drawings: Drawings = generator.draw(np.full(request.count, generator.labels.index(label)), seed)
    provenance = DrawingProvenance(**champion.name, label=label, seed=seed)
    if request.form == "png":
        return grid_response(drawings, provenance)
    return GenerateDrawingResponse(**dict(provenance), images=drawings.tolist())
