"""`POST /stylize_with`: a photo and paintings in, the photo in the paintings' style out."""

from functools import partial
from hashlib import sha256
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.predictors.stylizer import ArbitraryStylizer, blend
from atelier.preprocessing.spec import PhotoInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.style_request import FILE, PaintingQuestion, Wish
from atelier.service.http.cache import Cache
from atelier.service.http.image_responses import KINDS, Origin, shares_of
from atelier.service.http.limits import LIMITS
from atelier.service.http.negotiation import preferred
from atelier.service.http.photos import open_photo
from atelier.service.http.requests import endpoint
from atelier.service.http.values import file_of, shares
from atelier.settings import Settings

FAMILY = "arbitrary_style"
STYLES = ("style", "style_2", "style_3", "style_4")
NAME = 12
"""Letters of its SHA-256 that name a style image."""
ANOTHER = "A further style image, to blend with the others."

Statistics = NDArray[np.float32]


class StylizeWithQuestion(PaintingQuestion):
    """A photo, one to four style images and how to blend them, as multipart/form-data."""

    style: bytes = Field(
        description=f"A picture whose style to take over; looked at with at most {LIMITS.style} pixels a side.",
        json_schema_extra=FILE,
    )
    style_2: bytes | None = Field(None, description=ANOTHER, json_schema_extra=FILE)
    style_3: bytes | None = Field(None, description=ANOTHER, json_schema_extra=FILE)
    style_4: bytes | None = Field(None, description=ANOTHER, json_schema_extra=FILE)
    weights: list[float] | None = Field(
        None, description="One number a style image, such as [2, 1]; only the proportions count. Left out, all equal."
    )


class StylizeWith:
    """The endpoint, to be mixed into the service."""

    families: ClassVar[dict[str, type[Settings]]] = {FAMILY: PhotoInput}
    champions: Champions
    seen: ClassVar[Cache[Statistics]] = Cache(LIMITS.styles_kept)

    @endpoint("/stylize_with", StylizeWithQuestion, Origin)
    def stylize_with(self, question: StylizeWithQuestion) -> Response:
        """Paint a photo in the style of other pictures, named in the answer's headers by the begin of their SHA-256."""
        return stylize_with(self.champions[FAMILY], self.seen, question.parts(), question.accept)


def stylize_with(champion: Champion, seen: Cache[Statistics], parts: dict[str, Any], accept: str = "") -> Response:
    """Answer one question.

    Parameters
    ----------
    seen
        Statistics of style images by their content, of this champion.

    Raises
    ------
    BadInputError
        When the parts are not a photo, style images and, where given, usable `weights`, `strength`, `keep_colours`.
    NotAcceptableError
        When `accept` allows no kind of picture.
    """
    kind = preferred(accept, list(KINDS))
    stylizer = ArbitraryStylizer(champion.model, champion.card.spec)
    files = _style_files(parts)
    weights = _weights(parts.get("weights"), len(files))
    wish = Wish.read(parts)
    hashes = [sha256(content).hexdigest() for content in files.values()]
    statistics = [
        seen.get(key, partial(_look, stylizer, name, content))
        for key, (name, content) in zip(hashes, files.items(), strict=True)
    ]
    picture = stylizer.stylize(wish.photo.pixels, blend(statistics, weights), wish.strength)
    return wish.answer(picture, champion, _named(hashes, weights), kind)


def _look(stylizer: ArbitraryStylizer, name: str, content: bytes) -> Statistics:
    return stylizer.statistics(open_photo(name, content, LIMITS.style).pixels)


def _style_files(parts: dict[str, Any]) -> dict[str, bytes]:
    """Part → file; the first must be there."""
    names = [name for name in STYLES if name == STYLES[0] or parts.get(name) is not None]
    return {name: file_of(name, parts.get(name)) for name in names}


def _weights(weights: Any, count: int) -> list[float]:
    """A share for each style image, all together 1."""
    if weights is None:
        return [1 / count] * count
    if not isinstance(weights, list) or len(weights) != count:
        raise BadInputError(
            f"weights must be a JSON list of as many numbers as there are style images, here {count}, such as "
            f"{[1] * count}."
        )
    return shares("weights", weights)


def _named(hashes: list[str], weights: list[float]) -> str:
    named: dict[str, float] = {}
    for key, weight in zip(hashes, weights, strict=True):  # the same image may come twice
        named[key[:NAME]] = named.get(key[:NAME], 0.0) + weight
    return shares_of(named)
