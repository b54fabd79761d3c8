"""`POST /stylize_with`: a photo in the style of other images."""

from functools import partial
from hashlib import sha256
from typing import Annotated, ClassVar

from pydantic import Field, SkipValidation
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.predictors.stylizer import ArbitraryStylizer, blend
from atelier.preprocessing.spec import PhotoInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.style_request import StyleProvenance, StyleRequest, StylizeParams
from atelier.service.http.cache import Array, ArrayCache
from atelier.service.http.fields import FILE, Expected, shares
from atelier.service.http.limits import LIMITS
from atelier.service.http.requests import endpoint
from atelier.service.http.uploads import open_photo
from atelier.settings import Settings

FAMILY = "arbitrary_style"
STYLES = ("style", "style_2", "style_3", "style_4")
NAME_LENGTH = 12
"""A style image is named by this many characters of its SHA-256."""
FURTHER = "A further style image, to blend with the others."


class StylizeWithRequest(StyleRequest):
    """A photo, one to four style images and how to blend them, as multipart/form-data."""

    style: bytes = Field(
        description=f"The style image, scaled down to at most {LIMITS.style} pixels a side.", json_schema_extra=FILE
    )
    style_2: bytes | None = Field(None, description=FURTHER, json_schema_extra=FILE)
    style_3: bytes | None = Field(None, description=FURTHER, json_schema_extra=FILE)
    style_4: bytes | None = Field(None, description=FURTHER, json_schema_extra=FILE)
    weights: Annotated[
        list[SkipValidation[float]] | None,  # `shares` validates the numbers
        Expected("a JSON list of one number for each style image, such as [2, 1]"),
    ] = Field(
        None,
        description="One number for each style image, such as [2, 1]; only the proportions count. Default: all equal.",
    )

    def files(self) -> dict[str, bytes]:
        """Name of the part → style image."""
        files = {name: getattr(self, name) for name in STYLES}
        return {name: content for name, content in files.items() if content is not None}

    def shares(self) -> list[float]:
        """The share of each style image; they sum to 1.

        Raises
        ------
        BadInputError
            If there is not one weight for each style image, or if a weight is negative or all are 0.
        """
        count = len(self.files())
        if self.weights is None:
            return [1 / count] * count
        if len(self.weights) != count:
            raise BadInputError(
                f"weights must be a JSON list of as many numbers as there are style images, here {count}, such as "
                f"{[1] * count}."
            )
        return shares("weights", self.weights)


class StylizeWith:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: PhotoInput}
    champions: Champions
    statistics: ClassVar[ArrayCache] = ArrayCache(LIMITS.style_cache_bytes)

    @endpoint("/stylize_with", StylizeWithRequest, StyleProvenance, cost="heavy")
    def stylize_with(self, request: StylizeWithRequest) -> Response:
        """Stylize a photo like other images. The headers name these by the first characters of their SHA-256."""
        champion = self.champions[FAMILY]
        return stylize_with(champion, self.statistics, request.validated())


def stylize_with(champion: Champion, cache: ArrayCache, request: StylizeWithRequest) -> Response:
    """The champion's response to a validated request.

    Parameters
    ----------
    cache
        Statistics of style images, computed by this champion. The keys are SHA-256 hashes of the files.

    Raises
    ------
    BadInputError
        If the photo, a style image or the weights cannot be used.
    NotAcceptableError
        If the `Accept` header allows no type of image.
    """
    stylizer = ArbitraryStylizer(champion.model, champion.card.spec)
    weights = request.shares()
    params = StylizeParams.from_request(request)
    files = request.files()
    hashes = [sha256(content).hexdigest() for content in files.values()]
    statistics = [
        cache.get(key, partial(_statistics, stylizer, name, content))
        for key, (name, content) in zip(hashes, files.items(), strict=True)
    ]
    stylized = stylizer.stylize(params.photo.pixels, blend(statistics, weights), params.strength)
    return params.response(stylized, champion, _shares_by_name(hashes, weights))


def _statistics(stylizer: ArbitraryStylizer, name: str, content: bytes) -> Array:
    return stylizer.statistics(open_photo(name, content, LIMITS.style).pixels)


def _shares_by_name(hashes: list[str], weights: list[float]) -> dict[str, float]:
    styles: dict[str, float] = {}
    for key, weight in zip(hashes, weights, strict=True):  # the same image may occur twice
        styles[key[:NAME_LENGTH]] = styles.get(key[:NAME_LENGTH], 0.0) + weight
    return styles
