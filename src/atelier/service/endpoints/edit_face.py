"""`POST /edit_face`: a face with other attributes, from a token or an image."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Self

from pydantic import ConfigDict, Field, model_validator
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.predictors.face_editor import FaceEditor, Latents
from atelier.preprocessing.spec import FaceInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.encode_face import FAMILY, editor_of, open_face
from atelier.service.endpoints.face_token import read_token, write_token
from atelier.service.http.fields import FILE, Expected, known_label
from atelier.service.http.image_responses import IMAGE_FORMATS, image_response
from atelier.service.http.negotiation import preferred
from atelier.service.http.provenance import ImageProvenance
from atelier.service.http.requests import FORM, EndpointRequest, endpoint
from atelier.service.http.slots import Cost
from atelier.settings import Settings

LARGEST_TOKEN = 1 << 17
"""Characters. A model of 1024 pixels with latents of full width needs 25,000."""
MOST_CHANGES = 100


class EditFaceRequest(EndpointRequest):
    """A face, as a token or as an image, and how to change it."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["image"]}, {"required": ["token"]}]})
    media_type: ClassVar[str | None] = FORM
    example: ClassVar[str] = '{"token": "…", "changes": {"age": 1.5, "smile": -1}}'
    image: bytes | None = Field(
        None, description="An image with a face, as POST /encode_face takes it.", json_schema_extra=FILE
    )
    token: str | None = Field(
        None, max_length=LARGEST_TOKEN, description="A face as POST /encode_face gave it. It is never changed."
    )
    changes: Annotated[
        dict[str, Annotated[float, Field(allow_inf_nan=False)]],
        Expected('an object with a number for each attribute, such as {"age": 1.5}'),
    ] = Field(
        {},
        max_length=MOST_CHANGES,
        description="Attribute → by how many standard deviations it changes, below 0 for less of it, such as younger; "
        "GET /attributes has the ranges. A number out of range is replaced by the end of the range, and the header "
        "Atelier-Clamped says so. Without changes, the face is only reconstructed.",
        examples=[{"age": 1.5, "smile": -1}],
    )

    @model_validator(mode="after")
    def _one_face(self) -> Self:
        if (self.image is None) == (self.token is None):
            hint = "" if self.image is None else ", not both"
            raise BadInputError(f"Send either image or token{hint}: one face per request.")
        return self


class EditFaceProvenance(ImageProvenance):
    """Everything that is needed to request the same image again."""

    changes: str = Field(description='JSON: the changes that were made, such as {"age": 1.5}.')
    clamped: str | None = Field(
        None, description="Only if a change was out of range: JSON, the attributes and what was asked for."
    )


def _cost(request: EditFaceRequest) -> Cost:
    """A slider sends a token, which is only decoded. An image is aligned and encoded first."""
    return "heavy" if request.has_file("image") else "light"


class EditFace:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: FaceInput}
    champions: Champions

    @endpoint("/edit_face", EditFaceRequest, EditFaceProvenance, cost=_cost)
    def edit_face(self, request: EditFaceRequest) -> Response:
        """Change attributes of a face: a PNG, JPEG or WebP, as Accept says. Send either `token` or `image`."""
        return edit_face(self.champions[FAMILY], request.validated())


def edit_face(champion: Champion, request: EditFaceRequest) -> Response:
    """The champion's response to a validated request.

    Raises
    ------
    NotAcceptableError
        If the `Accept` header allows no type of image.
    BadInputError
        If the image or the token cannot be used, or the model cannot change an attribute.
    """
    media_type = preferred(request.accept, list(IMAGE_FORMATS))
    editor = editor_of(champion)
    changes = _known(request.changes, [direction.attribute for direction in editor.attributes])
    made = editor.clamp(changes)
    latents = _latents(champion, editor, request)
    edited = editor.decode(editor.edit(latents[None], made))[0]
    clamped = {name: value for name, value in changes.items() if made[name] != value}
    provenance = EditFaceProvenance(
        **champion.name, changes=json.dumps(made), clamped=json.dumps(clamped) if clamped else None
    )
    return image_response(edited, provenance, media_type)


def _known(changes: Mapping[str, float], attributes: Sequence[str]) -> dict[str, float]:
    return {known_label(name, attributes, "attribute"): float(value) for name, value in changes.items()}


def _latents(champion: Champion, editor: FaceEditor, request: EditFaceRequest) -> Latents:
    """The latents of the request's face. Those of an image go through a token, so that both give the same picture."""
    token = request.token
    if token is None:
        assert request.image is not None  # `_one_face`
        token = write_token(champion, editor.encode(open_face(champion, request.image)[None])[0])
    return read_token(champion, token, editor.latent_shape)
