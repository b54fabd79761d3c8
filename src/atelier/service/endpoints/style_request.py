"""What all questions for a painting have in common: a photo, how strongly, in whose colours, and the answer."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import Field
from pydantic.config import JsonDict
from starlette.responses import Response

from atelier.predictors.stylizer import keep_colors
from atelier.preprocessing.images import Picture
from atelier.service.champions import Champion
from atelier.service.http.image_responses import Origin, picture_response, sizes_of
from atelier.service.http.limits import LIMITS
from atelier.service.http.photos import Photo, open_photo
from atelier.service.http.requests import FORM, Question
from atelier.service.http.values import file_of, number, yes_or_no

FILE: JsonDict = {"type": "string", "format": "binary"}


class PaintingQuestion(Question):
    """A photo and what to make of it, as multipart/form-data."""

    media_type: ClassVar[str | None] = FORM
    image: bytes = Field(
        description="The photo, at most 10 MB. Its long side may have "
        f"{LIMITS.photo} pixels; a larger one is made smaller, and the header Atelier-Scaled says so. Each side needs "
        "at least 32.",
        json_schema_extra=FILE,
    )
    strength: float = Field(1.0, ge=0, le=1, description="0 is the photo's own style, 1 the whole of the other.")
    keep_colours: bool = Field(False, description="Whether to keep the photo's colours and paint its brightness only.")


@dataclass(frozen=True)
class Wish:
    """What is asked for, the style aside."""

    photo: Photo
    strength: float
    keep_colours: bool

    @classmethod
    def read(cls, parts: dict[str, Any]) -> Self:
        """From the parts of a question.

        Raises
        ------
        BadInputError
            When they are not a photo and, where given, a usable `strength` and `keep_colours`.
        """
        strength = number("strength", parts.get("strength", 1.0), 0, 1)
        keep = yes_or_no("keep_colours", parts.get("keep_colours", False))
        return cls(open_photo("image", file_of("image", parts.get("image")), LIMITS.photo), strength, keep)

    def answer(self, picture: Picture, champion: Champion, styles: str, kind: str) -> Response:
        """The painted photo, in the photo's colours where they are to be kept, with headers that say its origin."""
        if self.keep_colours:
            picture = keep_colors(picture, self.photo.pixels)
        about = Origin(
            **champion.name,
            styles=styles,
            strength=self.strength,
            keep_colours=self.keep_colours,
            **sizes_of(self.photo),
        )
        return picture_response(picture, about, kind)
