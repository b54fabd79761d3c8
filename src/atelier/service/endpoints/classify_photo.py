"""`POST /classify_photo`: the most likely labels of one or several photos."""

from typing import ClassVar, cast

import numpy as np
from pydantic import Field

from atelier.errors import BadInputError
from atelier.predictors.classifier import TOP_K, Classifier, Guess
from atelier.preprocessing.spec import PhotoInput
from atelier.service.champions import Champion, Champions
from atelier.service.http.fields import FILES
from atelier.service.http.provenance import Provenance
from atelier.service.http.requests import FORM, EndpointRequest, endpoint
from atelier.service.http.uploads import open_square
from atelier.settings import Settings

FAMILY = "photo_classifier"


class ClassifyPhotoRequest(EndpointRequest):
    """One or several photos, as multipart/form-data: each is a part named `image`."""

    media_type: ClassVar[str | None] = FORM
    image: list[bytes] = Field(
        min_length=1,
        description="A photo of any size. Repeat the part for several photos, at most 8 and 10 MB together.",
        json_schema_extra=FILES,
    )
    top_k: int | None = Field(
        None,
        ge=1,
        description="Number of labels for each photo, at most as many as the model has. "
        f"Default: {TOP_K}, or all if the model has fewer.",
    )


class PhotoAnswer(Settings):
    """The answer for one photo."""

    label: str
    confidence: float
    unsure: bool
    """Whether the photo is so unlike those of every class that it may show none of them."""
    guesses: tuple[Guess, ...]
    """The most likely labels, the best first."""


class ClassifyPhotoResponse(Provenance):
    """The answers, in the order of the photos."""

    photos: tuple[PhotoAnswer, ...]


class ClassifyPhoto:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: PhotoInput}
    champions: Champions

    @endpoint("/classify_photo", ClassifyPhotoRequest, ClassifyPhotoResponse, cost="medium")
    def classify_photo(self, request: ClassifyPhotoRequest) -> ClassifyPhotoResponse:
        """Classify one or several photos, each a part named `image` of a multipart/form-data request."""
        champion = self.champions[FAMILY]
        validated = request.validated()
        return ClassifyPhotoResponse(**champion.name, photos=classify(champion, validated.image, validated.top_k))


def classify(champion: Champion, files: list[bytes], top_k: int | None = None) -> tuple[PhotoAnswer, ...]:
    """The champion's answer for each photo.

    Raises
    ------
    BadInputError
        If a file cannot be used as a photo, or `top_k` is larger than the number of labels.
    """
    prepared = cast(PhotoInput, champion.card.spec.preprocessing)  # Champions.load has checked its type
    if prepared.size is None:
        raise BadInputError(f"The card of {champion.card.family} does not say at which size photos are prepared.")
    names = ["image"] if len(files) == 1 else [f"image {number}" for number in range(1, len(files) + 1)]
    side, fit = prepared.size[0], prepared.fit
    photos = np.stack([open_square(name, file, side, fit) for name, file in zip(names, files, strict=True)])
    classifier = Classifier(champion.model, champion.card.spec)
    return tuple(
        PhotoAnswer(
            label=answer.guesses[0].label,
            confidence=answer.guesses[0].probability,
            unsure=answer.unsure,
            guesses=answer.guesses,
        )
        for answer in classifier(photos, top_k)
    )
