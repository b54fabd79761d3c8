"""`POST /paint`: a photo as a painting of the painter whose works a network has learned."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from starlette.responses import Response

from atelier.predictors.translator import Translator
from atelier.preprocessing.images import ImageArray
from atelier.preprocessing.spec import PhotoInput
from atelier.service.champions import Champions
from atelier.service.endpoints.style_request import StyleProvenance, StyleRequest, StylizeParams
from atelier.service.http.requests import endpoint
from atelier.settings import Settings

FAMILIES = {"resnet": "cyclegan_resnet", "unet": "cyclegan_unet"}
"""Name of a model in a request → its family."""
PART = "to_painting"


class PaintRequest(StyleRequest):
    """A photo and the model that paints it, as multipart/form-data."""

    model: Literal["resnet", "unet"] = Field(
        "resnet", description="The network: with residual blocks, or a U-Net, which has skip connections."
    )


class Paint:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = dict.fromkeys(FAMILIES.values(), PhotoInput)
    champions: Champions

    @endpoint("/paint", PaintRequest, StyleProvenance, cost="heavy")
    def paint(self, request: PaintRequest) -> Response:
        """Paint a photo in the manner of a painter: a PNG, JPEG or WebP of the photo's size, as Accept says."""
        return paint(self.champions, request.validated())


def paint(champions: Champions, request: PaintRequest) -> Response:
    """The response of the champion that a validated request names.

    Raises
    ------
    NoChampionError
        If there is no such champion.
    BadInputError
        If the photo cannot be used.
    NotAcceptableError
        If the `Accept` header allows no type of image.
    """
    champion = champions[FAMILIES[request.model]]
    spec = champion.card.spec
    assert isinstance(spec.preprocessing, PhotoInput)  # `Champions.load` serves no other models
    params = StylizeParams.from_request(request)
    painted = Translator(champion.parts[PART], spec.preprocessing)(params.photo.pixels)
    blended = _blend(painted, params.photo.pixels, params.strength)
    return params.response(blended, champion, dict.fromkeys(spec.labels, 1.0))


def _blend(painted: ImageArray, photo: ImageArray, strength: float) -> ImageArray:
    """strength · painted + (1 - strength) · photo, as the networks of `fast_style` compute it."""
    mixed = strength * painted.astype(np.float32) + (1 - strength) * photo.astype(np.float32)
    return np.asarray(np.rint(mixed), np.uint8)
