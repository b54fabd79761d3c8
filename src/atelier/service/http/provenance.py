"""The provenance of a response: which model produced it, and from which input.

JSON responses have it as fields. Image responses have it in their headers and in the metadata of the file.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from pydantic import ConfigDict
from starlette.responses import Response

from atelier.settings import Settings


class Provenance(Settings):
    """The model that produced a response."""

    family: str
    version: str


class ImageProvenance(Provenance):
    """The provenance of an endpoint that always responds with an image.

    BentoML documents it as if it were a JSON response. `http.openapi` recognizes it by its format and makes it headers.
    """

    model_config = ConfigDict(json_schema_extra={"format": "binary"})


def as_text(provenance: Settings) -> dict[str, str]:
    """All strings, numbers and booleans of `provenance` as text."""
    values = {name: value for name, value in provenance if isinstance(value, str | int | float)}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def header_name(field: str) -> str:
    """`keep_colours` → `Atelier-Keep-Colours`."""
    return f"Atelier-{field.replace('_', '-').title()}"


def headers_of(provenance: Settings) -> dict[str, str]:
    """`as_text` as headers, such as `Atelier-Seed: 7`. Characters outside ASCII are percent-encoded."""
    return {header_name(name): quote(value, safe=' ,:;/(){}"') for name, value in as_text(provenance).items()}


def models_of(answer: Any) -> Iterator[tuple[str, str]]:
    """Family and version of each model that an answer names, in its headers or its fields."""
    if isinstance(answer, Response):
        names = [answer.headers.get(header_name(name)) for name in ("family", "version")]
        if all(names):
            yield str(names[0]), str(names[1])
        return
    for each in (answer, *dict(answer).values()):
        if isinstance(each, Provenance):
            yield each.family, each.version
