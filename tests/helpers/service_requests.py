"""Requests to the service, and the message of its error responses."""

import io

import httpx
from PIL import Image, ImageDraw

CLASSIFY_DRAWING, GENERATE_DRAWING, DUEL = "/classify_drawing", "/generate_drawing", "/duel"
LINE = [[[0, 255], [0, 255]]]
"""Strokes of a drawing."""


def error_message(response: httpx.Response) -> str:
    """The message of an error response, which has the same shape for every error."""
    assert list(response.json()) == ["error"], response.text
    message = response.json()["error"]
    assert isinstance(message, str)
    assert message.endswith(".")
    return message


def line_image(size: tuple[int, int] = (300, 200), kind: str = "PNG") -> bytes:
    """An image file with a black line on white."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).line((20, 20, size[0] - 20, size[1] - 20), fill="black", width=5)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()
