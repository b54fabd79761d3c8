"""`POST /generate_drawing`: a label in, new drawings out."""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from starlette.responses import Response

from atelier.predictors.drawing_generator import Generator
from atelier.preprocessing.spec import DrawingInput
from atelier.service.champions import Champion, Champions
from atelier.service.http.limits import LIMITS
from atelier.service.http.requests import JSON, Question, endpoint
from atelier.service.http.sheets import Drawings, sheet_response
from atelier.service.http.values import LARGEST_SEED, known_label, one_of, seed_or_any, whole_number
from atelier.settings import Settings

FAMILY = "quickdraw_gan"
COUNT = 16
FORMS = ("png", "array")


class SketchQuestion(Question):
    """What to draw, and how often."""

    media_type: ClassVar[str | None] = JSON
    example: ClassVar[str] = '{"label": "house"}'
    label: str = Field(description="What to draw: one of the labels in the model's card, which GET /models tells.")
    count: int = Field(COUNT, ge=1, le=LIMITS.drawings, description="How many drawings.")
    seed: int | None = Field(
        None,
        ge=0,
        le=LARGEST_SEED,
        description="The same seed gives the same drawings, as long as the version is the same. Left out, it is drawn "
        "at random and told in the answer.",
    )
    form: Literal["png", "array"] = Field(
        "png", alias="as", description="A sheet of all drawings as a picture, or the drawings as numbers."
    )


class Origin(Settings):
    """All that is needed to ask for the same drawings again; a sheet has it in its headers."""

    family: str
    version: str
    label: str
    seed: int


class SketchAnswer(Origin):
    """Drawings as numbers."""

    images: list[list[list[int]]] = Field(
        description="Drawings, rows from the top, pixels from the left: grey levels, 0 the black paper, 255 a white "
        "stroke, as in the published bitmaps.",
    )


class GenerateDrawing:
    """The endpoint, to be mixed into the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: DrawingInput}
    champions: Champions

    @endpoint("/generate_drawing", SketchQuestion, SketchAnswer)
    def generate_drawing(self, question: SketchQuestion) -> SketchAnswer | Response:
        """Draw what a label says: one PNG with all drawings in a grid, black on white, or their grey levels as JSON."""
        champion = self.champions[FAMILY]
        return generate(champion, question.parts())


def generate(champion: Champion, parts: dict[str, Any]) -> SketchAnswer | Response:
    """Answer one question.

    Raises
    ------
    BadInputError
        When the parts are not a label that the model draws and, where given, a usable `count`, `seed` and `as`.
    """
    generator = Generator(champion.model, champion.card.spec)
    label = known_label(parts.get("label"), generator.labels)
    count = whole_number("count", parts.get("count", COUNT), 1, LIMITS.drawings)
    form = one_of("as", parts.get("as", "png"), FORMS)
    seed = seed_or_any(parts.get("seed"))
    drawings: Drawings = generator.draw(np.full(count, generator.labels.index(label)), seed)
    origin = Origin(**champion.name, label=label, seed=seed)
    return sheet_response(drawings, origin) if form == "png" else SketchAnswer(**dict(origin), images=drawings.tolist())
