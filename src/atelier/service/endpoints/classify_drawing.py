"""`POST /classify_drawing`: the most likely labels of a drawing, from strokes or an image."""

from typing import Annotated, Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, SkipValidation, model_validator

from atelier.errors import BadInputError
from atelier.predictors.classifier import TOP_K, Classifier, Guess
from atelier.preprocessing.drawing_photo import drawing_from_image
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.spec import DrawingInput
from atelier.preprocessing.strokes import normalize, parse_strokes
from atelier.service.champions import Champion, Champions
from atelier.service.http.fields import FILE
from atelier.service.http.limits import LIMITS
from atelier.service.http.provenance import Provenance
from atelier.service.http.requests import FORM, EndpointRequest, endpoint
from atelier.service.http.slots import Cost
from atelier.service.http.uploads import open_drawing
from atelier.settings import Settings

FAMILY = "quickdraw_classifier"


class ClassifyDrawingRequest(EndpointRequest):
    """One drawing: an image as multipart/form-data, or strokes as application/json."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["image"]}, {"required": ["strokes"]}]})
    media_type: ClassVar[str | None] = FORM
    example: ClassVar[str] = '{"strokes": [[[0, 255], [0, 255]]]}'
    image: bytes | None = Field(
        None,
        description="An image of a drawing, any size, dark on light or light on dark; at most 10 MB.",
        json_schema_extra=FILE,
    )
    strokes: Annotated[list[list[list[float]]] | None, SkipValidation()] = Field(  # parse_strokes validates them
        None,
        description="Each stroke as [x, y] or [x, y, t], each of these a list of numbers, in any unit; y points down.",
        examples=[[[[0, 128, 255], [255, 0, 255]], [[64, 192], [128, 128]]]],
    )
    top_k: int | None = Field(
        None,
        ge=1,
        description="Number of labels in the response, at most as many as the model has. "
        f"Default: {TOP_K}, or all if the model has fewer.",
    )

    @model_validator(mode="after")
    def _one_drawing(self) -> Self:
        if (self.image is None) == (self.strokes is None):
            hint = "" if self.image is None else ", not both"
            raise BadInputError(f"Send either image or strokes{hint}: one drawing per request.")
        return self


class ClassifyDrawingResponse(Provenance):
    """The most likely labels, the best first."""

    guesses: tuple[Guess, ...]
    unsure: bool = Field(description="True if no label fits, because even the most likely one is unlikely.")


def _cost(request: ClassifyDrawingRequest) -> Cost:
    """An image is decoded and redrawn, which takes ten times as long as strokes."""
    return "medium" if request.has_file("image") else "light"


class ClassifyDrawing:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: DrawingInput}
    """Families that it needs. Each with the kind of preprocessing that the champion's card must have."""
    champions: Champions

    @endpoint("/classify_drawing", ClassifyDrawingRequest, ClassifyDrawingResponse, cost=_cost)
    def classify_drawing(self, request: ClassifyDrawingRequest) -> ClassifyDrawingResponse:
        """Classify a drawing. Send either `image` as multipart/form-data or `strokes` as JSON, not both."""
        champion = self.champions[FAMILY]
        return classify(champion, request.validated())


def classify(champion: Champion, request: ClassifyDrawingRequest) -> ClassifyDrawingResponse:
    """The champion's response to a validated request.

    Raises
    ------
    BadInputError
        If `top_k` is larger than the number of labels, or if the image or the strokes cannot be read.
    """
    preprocessing = cast(DrawingInput, champion.card.spec.preprocessing)  # Champions.load has checked it
    bitmap = _bitmap(request, preprocessing)
    answer = Classifier(champion.model, champion.card.spec)(bitmap[None], request.top_k)[0]
    return ClassifyDrawingResponse(**champion.name, guesses=answer.guesses, unsure=answer.unsure)


def _bitmap(request: ClassifyDrawingRequest, preprocessing: DrawingInput) -> NDArray[np.uint8]:
    if request.image is None:
        return bitmap_from_strokes(request.strokes, preprocessing)
    return drawing_from_image(open_drawing(request.image), preprocessing)


def bitmap_from_strokes(strokes: Any, preprocessing: DrawingInput) -> NDArray[np.uint8]:
    """The model's input, uint8 (size, size), from strokes in any unit, made in the same way as the training data.

    Raises
    ------
    BadInputError
        If the strokes are malformed, not finite, or more than the limits allow.
    """
    drawing = normalize(parse_strokes(strokes, LIMITS.strokes, LIMITS.points))
    size, pen, padding = preprocessing.size, preprocessing.line_diameter, preprocessing.padding
    bitmap: NDArray[np.uint8] = rasterize([drawing], size=size, line_diameter=pen, padding=padding)[0]
    return bitmap
