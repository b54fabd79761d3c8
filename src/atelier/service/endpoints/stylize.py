"""`POST /stylize`: a photo in one or several styles that the champion was trained on."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, SkipValidation, WithJsonSchema
from starlette.responses import Response

from atelier.predictors.stylizer import FastStylizer
from atelier.preprocessing.spec import PhotoInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.style_request import StyleProvenance, StyleRequest, StylizeParams
from atelier.service.http.fields import Expected, known_label, shares
from atelier.service.http.openapi_bodies import Choices
from atelier.service.http.requests import endpoint
from atelier.settings import Settings

FAMILY = "fast_style"


def _with_weights(styles: Any) -> Any:
    """A single name becomes a name with a weight. In a form, a name such as 1889 arrives as a number."""
    if isinstance(styles, int) and not isinstance(styles, bool):
        styles = str(styles)
    return {styles: 1.0} if isinstance(styles, str) else styles


def _as_shares(styles: dict[str, Any]) -> dict[str, float]:
    return dict(zip(styles, shares("The weights in styles", list(styles.values())), strict=True))


Styles = Annotated[
    dict[str, SkipValidation[float]],  # `shares` validates the weights
    Field(min_length=1),
    BeforeValidator(_with_weights),
    AfterValidator(_as_shares),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "number"}}]}),
    Expected(
        'the name of a style, or a JSON object of names with weights, such as {"sea": 1}. GET /styles lists the names'
    ),
]


class StylizeRequest(StyleRequest):
    """A photo and its new styles, as multipart/form-data."""

    styles: Styles = Field(
        description='The name of a style, or a JSON object of names with weights, such as {"a": 2, "b": 1}, for a '
        "blend; only the proportions count. GET /styles lists the names."
    )


class Stylize:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: PhotoInput}
    champions: Champions

    @staticmethod
    def choices(champions: Champions) -> dict[str, Choices]:
        """Route → part → its values, for the OpenAPI document."""
        return {"/stylize": {"styles": champions.labels(FAMILY)}}

    @endpoint("/stylize", StylizeRequest, StyleProvenance, cost="heavy")
    def stylize(self, request: StylizeRequest) -> Response:
        """Stylize a photo in styles that the model knows: a PNG, JPEG or WebP of the photo's size, as Accept says."""
        champion = self.champions[FAMILY]
        return stylize(champion, request.validated())


def stylize(champion: Champion, request: StylizeRequest) -> Response:
    """The champion's response to a validated request.

    Raises
    ------
    BadInputError
        If the photo cannot be used or the model does not know a style.
    NotAcceptableError
        If the `Accept` header allows no type of image.
    """
    stylizer = FastStylizer(champion.model, champion.card.spec)
    styles = {known_label(name, stylizer.styles, "style"): share for name, share in request.styles.items()}
    params = StylizeParams.from_request(request)
    # The sum of the weights is the strength; rounding may make it larger than 1.
    weights = {name: min(share * params.strength, 1.0) for name, share in styles.items()}
    return params.response(stylizer.stylize(params.photo.pixels, weights), champion, styles)
