"""Requests to `/stylize` and `/stylize_with`."""

import json
from typing import Any

import httpx

from tests.helpers.image_files import encode, random_image

STYLIZE, STYLIZE_WITH = "/stylize", "/stylize_with"
PHOTO, STYLE_IMAGE = encode(random_image(1, 60, 80), "PNG"), encode(random_image(2, 64, 64), "PNG")


def file(content: bytes, name: str = "photo") -> tuple[str, bytes]:
    return (name, content)


def stylize(service: httpx.Client, content: bytes = PHOTO, accept: str | None = None, **parts: Any) -> httpx.Response:
    data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parts.items()}
    headers = {} if accept is None else {"Accept": accept}
    return service.post(STYLIZE, files={"image": file(content)}, data={"styles": "ochre", **data}, headers=headers)


def stylize_with(service: httpx.Client, *styles: bytes, content: bytes = PHOTO, **parts: Any) -> httpx.Response:
    names = ("style", "style_2", "style_3", "style_4")
    files = {"image": file(content), **{name: file(each) for name, each in zip(names, styles, strict=False)}}
    return service.post(STYLIZE_WITH, files=files, data={name: json.dumps(value) for name, value in parts.items()})
