"""`POST /stylize`: a photo in, the same photo in a blend of the styles that the champion learned out."""

from typing import Any, ClassVar

from pydantic import Field
from pydantic.config import JsonDict
from starlette.responses import Response

from atelier.card import PhotoInput
from atelier.errors import BadInputError
from atelier.onnx.stylizer import FastStylizer, keep_colours
from atelier.service.accept import preferred
from atelier.service.limits import LIMITS
from atelier.service.photos import open_photo
from atelier.service.pictures import KINDS, Origin, picture_response, shares_of, sizes_of
from atelier.service.questions import FORM, Question, endpoint
from atelier.service.store import Champion, Champions
from atelier.service.values import file_of, known_label, number, shares, yes_or_no
from atelier.settings import Settings

FAMILY = "fast_style"
PHOTO = (
    f"The photo, at most 10 MB. Its long side may have {LIMITS.photo} pixels; a larger one is made smaller, and the "
    "header Atelier-Scaled says so. Each side needs at least 32."
)
FILE: JsonDict = {"type": "string", "format": "binary"}


class StylizeQuestion(Question):
    """A photo and what to make of it, as multipart/form-data."""

    media_type: ClassVar[str | None] = FORM
    image: bytes = Field(description=PHOTO, json_schema_extra=FILE)
    styles: str | dict[str, float] = Field(
        description='The name of a style, or a JSON object of names with weights, such as {"a": 2, "b": 1}, for a '
        "blend; only the proportions count. GET /styles lists the names."
    )
    strength: float = Field(1.0, ge=0, le=1, description="0 is the photo itself, 1 the whole style.")
    keep_colours: bool = Field(False, description="Whether to keep the photo's colours and paint its brightness only.")


class Stylize:
    """The endpoint, to be mixed into the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: PhotoInput}
    champions: Champions

    @endpoint("/stylize", StylizeQuestion, Origin)
    def stylize(self, question: StylizeQuestion) -> Response:
        """Paint a photo in styles that the model learned: a PNG, JPEG or WebP of the photo's size, as Accept says."""
        return stylize(self.champions[FAMILY], question.parts(), question.accept)


def stylize(champion: Champion, parts: dict[str, Any], accept: str = "") -> Response:
    """Answer one question.

    Raises
    ------
    BadInputError
        When the parts are not a photo, known styles and, where given, a usable `strength` and `keep_colours`.
    NotAcceptableError
        When `accept` allows no kind of picture.
    """
    kind = preferred(accept, list(KINDS))
    stylizer = FastStylizer(champion.model, champion.card.spec)
    weights = _weights(parts.get("styles"), stylizer.styles)
    strength = number("strength", parts.get("strength", 1.0), 0, 1)
    keep = yes_or_no("keep_colours", parts.get("keep_colours", False))
    photo = open_photo("image", file_of("image", parts.get("image")), LIMITS.photo)
    # The sum of the weights is the strength; rounding may lift it above 1.
    picture = stylizer.paint(photo.pixels, {name: min(share * strength, 1.0) for name, share in weights.items()})
    if keep:
        picture = keep_colours(picture, photo.pixels)
    about = Origin(**champion.name, styles=shares_of(weights), strength=strength, keep_colours=keep, **sizes_of(photo))
    return picture_response(picture, about, kind)


def _weights(styles: Any, known: tuple[str, ...]) -> dict[str, float]:
    """Style → share, all together 1."""
    if isinstance(styles, int) and not isinstance(styles, bool):
        styles = str(styles)  # a form's text that could be read as JSON: a style may be called 1889
    if isinstance(styles, str):
        return {known_label(styles, known, "style"): 1.0}
    if not isinstance(styles, dict) or not styles:
        raise BadInputError(
            "styles must be the name of a style, or a JSON object of names with weights, such as "
            f'{{"{known[0]}": 1}}. GET /styles lists the names.'
        )
    names = [known_label(name, known, "style") for name in styles]
    return dict(zip(names, shares("The weights in styles", list(styles.values())), strict=True))
