"""Preprocessing as data: training, evaluation and service read the same description.

The defaults are those of the published Quick Draw bitmaps.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from atelier.preprocessing.raster import LINE_DIAMETER, PADDING, SIZE
from atelier.settings import Settings


class DrawingInput(Settings):
    """How strokes or an image become the model's input: white strokes on black, uint8 (batch, size, size).

    The defaults are those of the published Quick Draw bitmaps: a 256-unit drawing, padded, drawn with a round pen.
    """

    kind: Literal["drawing"] = "drawing"
    size: int = SIZE
    line_diameter: float = LINE_DIAMETER
    """Pen width in units of the 256-unit drawing."""
    padding: float = PADDING
    """Empty border on each side, in the same units."""


class PhotoInput(Settings):
    """How a photo becomes the model's input: RGB, uint8 or float32 by the type of the graph's input."""

    kind: Literal["photo"] = "photo"
    size: tuple[int, int] | None = None
    """(height, width); None where the model takes any size."""
    fit: Literal["crop", "pad"] = "crop"
    """How a photo that is not square becomes one, see `atelier.preprocessing.images.Fit`."""
    reach: int | None = None
    """Largest distance in pixels between an output pixel and an input pixel that it depends on. None: all output pixels
    depend on the whole image, so that it cannot be computed in tiles."""
    multiple: int = 1
    """Tiles must begin at multiples of this many pixels to give the same result as the whole image."""

    @model_serializer(mode="wrap")
    def _without_usual_fit(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """As before there was `fit`, where it does not matter: this text is a part of hashes of data."""
        values: dict[str, Any] = serialize(self)
        return {name: value for name, value in values.items() if (name, value) != ("fit", "crop")}


class FaceAlignment(Settings):
    """How the face in an image is brought to its place, see `atelier.preprocessing.faces.align`."""

    alignment: Literal["eyes", "center"]
    """`eyes`: a detector finds the eyes, and the image is turned, scaled and shifted until they are at their places.
    `center`: the largest centered square of an image whose face is aligned already; no face is looked for."""
    eye_height: float = Field(gt=0, lt=1)
    """Where the middle between the eyes comes to lie, as a fraction of the height from the top."""
    eye_distance: float = Field(gt=0, lt=1)
    """Distance between the eyes, as a fraction of the width. The middle between them is at half the width."""
    min_score: float = Field(gt=0, lt=1)
    """Score of the detector from which on something may be a face."""
    min_aligned_score: float = Field(gt=0, lt=1)
    """The same for the aligned face, which is detected again: of what is no face, little is mistaken for one twice."""
    max_shift: float = Field(gt=0)
    """Largest distance between an eye and its place when the aligned face is detected again, as a fraction of the
    width. Where it is larger, the first detection was wrong."""


class FaceInput(FaceAlignment):
    """How a photo becomes an aligned face: RGB, uint8 or float32 by the type of the graph's input."""

    kind: Literal["face"] = "face"
    size: tuple[int, int]
    """(height, width)."""


Preprocessing = Annotated[DrawingInput | PhotoInput | FaceInput, Field(discriminator="kind")]
"""The kinds of preprocessing that a card may hold."""
