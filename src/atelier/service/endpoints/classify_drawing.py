"""`POST /classify_drawing`: strokes or a picture of a drawing in, the most likely labels out."""

from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from atelier.errors import BadInputError
from atelier.preprocessing.drawing_photo import drawing_from_image
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.spec import DrawingInput
from atelier.preprocessing.strokes import normalize, parse_strokes
from atelier.service.champions import Champion, Champions
from atelier.service.http.limits import LIMITS
from atelier.service.http.requests import FORM, Question, endpoint
from atelier.service.http.uploads import open_picture, to_grey
from atelier.service.http.values import whole_number
from atelier.settings import Settings

FAMILY = "quickdraw_classifier"
TOP_K = 5


class DrawingQuestion(Question):
    """One drawing: a picture as multipart/form-data, or strokes as application/json."""

    media_type: ClassVar[str | None] = FORM
    example: ClassVar[str] = '{"strokes": [[[0, 255], [0, 255]]]}'
    image: bytes | None = Field(
        None,
        description="A picture of a drawing, any size, dark on light or light on dark; at most 10 MB.",
        json_schema_extra={"type": "string", "format": "binary"},
    )
    strokes: list[list[list[float]]] | None = Field(
        None,
        description="Each stroke as [x, y] or [x, y, t], each of these a list of numbers, in any unit; y points down.",
        examples=[[[[0, 128, 255], [255, 0, 255]], [[64, 192], [128, 128]]]],
    )
    top_k: int = Field(TOP_K, ge=1, description="How many labels to answer with, at most all the model knows.")


class Guess(Settings):
    """One label and how likely the model finds it."""

    label: str
    probability: float


class DrawingAnswer(Settings):
    """The most likely labels, likeliest first, and the model that says so."""

    family: str
    version: str
    guesses: tuple[Guess, ...]


class ClassifyDrawing:
    """The endpoint, to be mixed into the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: DrawingInput}
    """What it answers for, each with the preprocessing that a champion's card must have."""
    champions: Champions

    @endpoint("/classify_drawing", DrawingQuestion, DrawingAnswer)
    def classify_drawing(self, question: DrawingQuestion) -> DrawingAnswer:
        """Say what a drawing shows. Send either `image` as multipart/form-data or `strokes` as JSON, not both."""
        champion = self.champions[FAMILY]
        return classify(champion, question.parts())


def classify(champion: Champion, parts: dict[str, Any]) -> DrawingAnswer:
    """Answer one question.

    Raises
    ------
    BadInputError
        When the parts are not one drawing and, where given, a usable `top_k`.
    """
    labels = champion.card.spec.labels
    top_k = parts.get("top_k")
    count = min(TOP_K, len(labels)) if top_k is None else whole_number("top_k", top_k, 1, len(labels))
    preprocessing = cast(DrawingInput, champion.card.spec.preprocessing)  # looked at when it was loaded
    image = _bitmap(parts.get("image"), parts.get("strokes"), preprocessing)
    probabilities = champion.model(image=image[None])["probabilities"][0]
    best = np.argsort(-probabilities, kind="stable")[:count]
    guesses = tuple(Guess(label=labels[i], probability=round(float(probabilities[i]), 6)) for i in best)
    return DrawingAnswer(**champion.name, guesses=guesses)


def _bitmap(image: Any, strokes: Any, preprocessing: DrawingInput) -> NDArray[np.uint8]:
    if (image is None) == (strokes is None):
        both = image is not None
        raise BadInputError(f"Send either image or strokes{', not both' if both else ''}: one drawing at a time.")
    if strokes is not None:
        return bitmap_from_strokes(strokes, preprocessing)
    if not isinstance(image, bytes):
        raise BadInputError("image must be a file. Send it as multipart/form-data, with a file name.")
    return drawing_from_image(to_grey(open_picture(image)), preprocessing)


def bitmap_from_strokes(strokes: Any, preprocessing: DrawingInput) -> NDArray[np.uint8]:
    """Strokes in any unit to the model's bitmap, by the very steps that made the training data.

    Raises
    ------
    BadInputError
        When the strokes are malformed, not finite, or too many.
    """
    drawing = normalize(parse_strokes(strokes, LIMITS.strokes, LIMITS.points))
    size, pen, padding = preprocessing.size, preprocessing.line_diameter, preprocessing.padding
    bitmap: NDArray[np.uint8] = rasterize([drawing], size=size, line_diameter=pen, padding=padding)[0]
    return bitmap
