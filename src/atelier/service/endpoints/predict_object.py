"""`POST /predict_object`: the label of a photo that lies in a bucket which the operator of the service has allowed."""

from typing import ClassVar

from pydantic import Field

from atelier.preprocessing.spec import PhotoInput
from atelier.service.champions import Champions
from atelier.service.endpoints.classify_photo import FAMILY, classify
from atelier.service.http.objects import ObjectStorage
from atelier.service.http.provenance import Provenance
from atelier.service.http.requests import EndpointRequest, endpoint
from atelier.settings import Settings


class PredictObjectRequest(EndpointRequest):
    """The photo's address, as application/json."""

    example: ClassVar[str] = '{"bucket": "photos", "filename": "2026/001.jpg"}'
    bucket: str = Field(
        description="One of the addresses that the operator has allowed, such as s3://photos, or its name without s3://.",
        max_length=256,
        examples=["photos"],
    )
    filename: str = Field(
        description="The name of the object in the bucket, without a slash at its start.",
        max_length=1024,
        examples=["2026/001.jpg"],
    )


class PredictObjectResponse(Provenance):
    """The answer for the photo."""

    label: str
    confidence: float
    unsure: bool
    """Whether the photo is so unlike those of every class that it may show none of them."""


class PredictObject:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: PhotoInput}
    champions: Champions

    @endpoint("/predict_object", PredictObjectRequest, PredictObjectResponse, cost="medium")
    def predict_object(self, request: PredictObjectRequest) -> PredictObjectResponse:
        """Classify a photo from a bucket. The service reads only from buckets that its operator has allowed."""
        champion = self.champions[FAMILY]
        validated = request.validated()
        content = ObjectStorage.from_environment().read(validated.bucket, validated.filename)
        answer = classify(champion, [content])[0]
        return PredictObjectResponse(
            **champion.name, label=answer.label, confidence=answer.confidence, unsure=answer.unsure
        )
