"""`POST /encode_face`: the face in an image as a token, for edits."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from atelier.predictors.face_editor import FaceEditor
from atelier.preprocessing.faces import align
from atelier.preprocessing.images import ImageArray, Rejected
from atelier.preprocessing.spec import FaceInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.face_token import write_token
from atelier.service.http.errors import BadImageError
from atelier.service.http.fields import FILE
from atelier.service.http.image_responses import data_url
from atelier.service.http.limits import LIMITS
from atelier.service.http.provenance import Provenance
from atelier.service.http.requests import FORM, EndpointRequest, endpoint
from atelier.service.http.uploads import open_photo
from atelier.settings import Settings

FAMILY = "psp"
ENCODER, DECODER, DETECTOR = "encoder", "decoder", "detector"
NO_FACE = (
    "No face is found in the image. Send one in which a face looks into the camera and takes up at least a third of "
    "the width."
)


class EncodeFaceRequest(EndpointRequest):
    """An image with a face, as multipart/form-data."""

    media_type: ClassVar[str | None] = FORM
    image: bytes = Field(
        description="An image with a face that looks into the camera, at most 10 MB. Of several the largest counts.",
        json_schema_extra=FILE,
    )


class EncodeFaceResponse(Provenance):
    """The face as the model has it."""

    token: str = Field(
        description="The face for POST /edit_face: a hash of the model and its latents. Nothing is stored here."
    )
    aligned: str = Field(description="The data: URL of the face as the model sees it, turned, scaled and cropped.")


class EncodeFace:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: FaceInput}
    champions: Champions

    @endpoint("/encode_face", EncodeFaceRequest, EncodeFaceResponse, cost="heavy")
    def encode_face(self, request: EncodeFaceRequest) -> EncodeFaceResponse:
        """Find the face in an image and encode it. The token is all that POST /edit_face needs."""
        return encode_face(self.champions[FAMILY], request.validated())


def encode_face(champion: Champion, request: EncodeFaceRequest) -> EncodeFaceResponse:
    """The champion's response to a validated request.

    Raises
    ------
    BadInputError
        If the image cannot be used, or shows no face.
    """
    face = open_face(champion, request.image)
    token = write_token(champion, editor_of(champion).encode(face[None])[0])
    return EncodeFaceResponse(**champion.name, token=token, aligned=data_url(face))


def editor_of(champion: Champion) -> FaceEditor:
    """The champion as an editor of faces."""
    return FaceEditor(champion.parts[ENCODER], champion.parts[DECODER], champion.card.spec)


def open_face(champion: Champion, content: bytes) -> ImageArray:
    """The aligned face in an uploaded image, uint8 (size, size, 3), as faces are prepared for training.

    Raises
    ------
    BadInputError
        If the image cannot be used, or shows no face.
    """
    spec = champion.card.spec.preprocessing
    assert isinstance(spec, FaceInput)  # `Champions.load` serves no other models
    photo = open_photo("image", content, LIMITS.photo)
    try:
        return np.ascontiguousarray(align(photo.pixels, spec, champion.parts.get(DETECTOR)))
    except Rejected as rejected:
        raise BadImageError(NO_FACE, rejected.reason) from None
