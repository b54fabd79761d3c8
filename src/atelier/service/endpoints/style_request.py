"""What `/stylize` and `/stylize_with` have in common: photo, strength, colours, and the response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from pydantic import Field
from starlette.responses import Response

from atelier.predictors.stylizer import keep_colors
from atelier.preprocessing.images import ImageArray
from atelier.service.champions import Champion
from atelier.service.http.fields import FILE
from atelier.service.http.image_responses import IMAGE_FORMATS, image_response
from atelier.service.http.limits import LIMITS
from atelier.service.http.negotiation import preferred
from atelier.service.http.provenance import ImageProvenance
from atelier.service.http.requests import FORM, EndpointRequest
from atelier.service.http.uploads import Photo, open_photo


class StyleRequest(EndpointRequest):
    """A photo and how to stylize it, as multipart/form-data."""

    media_type: ClassVar[str | None] = FORM
    image: bytes = Field(
        description=f"The photo, at most 10 MB. If its long side has more than {LIMITS.photo} pixels, it is scaled "
        "down, and the header Atelier-Scaled says so. Each side needs at least 32 pixels.",
        json_schema_extra=FILE,
    )
    strength: float = Field(1.0, ge=0, le=1, description="From 0, the photo's own style, to 1, the new style.")
    keep_colours: bool = Field(
        False, description="Whether to keep the photo's colours and take over only the brightness of the new style."
    )


class StyleProvenance(ImageProvenance):
    """Everything that is needed to request the same image again."""

    styles: str = Field(description='JSON: the styles with their shares, which sum to 1, such as {"a": 1.0}.')
    strength: float
    keep_colours: bool
    size: str = Field(description="Width and height of the stylized photo, such as 1024x768.")
    scaled: str | None = Field(None, description="Only if the photo was scaled down, such as 4032x3024 to 1024x768.")


@dataclass(frozen=True)
class StylizeParams:
    """A decoded photo, how to stylize it, and the type of the response."""

    photo: Photo
    strength: float
    keep_colours: bool
    media_type: str

    @classmethod
    def from_request(cls, request: StyleRequest) -> Self:
        """Decode the photo of a validated request.

        Raises
        ------
        NotAcceptableError
            If the `Accept` header allows no type of image. The photo is not decoded then.
        BadInputError
            If the photo cannot be used.
        """
        media_type = preferred(request.accept, list(IMAGE_FORMATS))
        photo = open_photo("image", request.image, LIMITS.photo)
        return cls(photo, request.strength, request.keep_colours, media_type)

    def response(self, stylized: ImageArray, champion: Champion, styles: Mapping[str, float]) -> Response:
        """The stylized photo with its provenance, in the photo's colours if these are to be kept.

        Parameters
        ----------
        stylized
            uint8 (height, width, 3), of the photo's size.
        styles
            Style → its share.
        """
        if self.keep_colours:
            stylized = keep_colors(stylized, self.photo.pixels)
        provenance = StyleProvenance(
            **champion.name,
            styles=styles_as_json(styles),
            strength=self.strength,
            keep_colours=self.keep_colours,
            **sizes_of(self.photo),
        )
        return image_response(stylized, provenance, self.media_type)


def styles_as_json(styles: Mapping[str, float]) -> str:
    """Styles and their shares as JSON. `POST /stylize` accepts it as `styles`."""
    return json.dumps({name: round(share, 4) for name, share in styles.items()}, ensure_ascii=False)


def sizes_of(photo: Photo) -> dict[str, str | None]:
    """The fields `size` and `scaled` of a `StyleProvenance`."""
    uploaded, size = ("x".join(map(str, each)) for each in (photo.uploaded_size, photo.size))
    return {"size": size, "scaled": f"{uploaded} to {size}" if uploaded != size else None}
