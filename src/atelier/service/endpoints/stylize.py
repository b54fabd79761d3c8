"""`POST /stylize`: a photo in, the same photo in a blend of the styles that the champion learned out."""

from typing import Any, ClassVar

from pydantic import Field
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.predictors.stylizer import FastStylizer
from atelier.preprocessing.spec import PhotoInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.style_request import PaintingQuestion, Wish
from atelier.service.http.image_responses import KINDS, Origin, shares_of
from atelier.service.http.negotiation import preferred
from atelier.service.http.requests import endpoint
from atelier.service.http.values import known_label, shares
from atelier.settings import Settings

FAMILY = "fast_style"


class StylizeQuestion(PaintingQuestion):
    """A photo and the styles to paint it in, as multipart/form-data."""

    styles: str | dict[str, float] = Field(
        description='The name of a style, or a JSON object of names with weights, such as {"a": 2, "b": 1}, for a '
        "blend; only the proportions count. GET /styles lists the names."
    )


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
    wish = Wish.read(parts)
    # The sum of the weights is the strength; rounding may lift it above 1.
    strengths = {name: min(share * wish.strength, 1.0) for name, share in weights.items()}
    return wish.answer(stylizer.stylize(wish.photo.pixels, strengths), champion, shares_of(weights), kind)


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
