"""What the tests ask the service, and what they look at in every refusal."""

import io

import httpx
from PIL import Image, ImageDraw

ENDPOINT = "/classify_drawing"
SKETCHES, DUEL = "/generate_drawing", "/duel"
LINE = [[[0, 255], [0, 255]]]


def sentence(answer: httpx.Response) -> str:
    """The one shape of every refusal."""
    assert list(answer.json()) == ["error"], answer.text
    text = answer.json()["error"]
    assert isinstance(text, str)
    assert text.endswith(".")
    return text


def picture(size: tuple[int, int] = (300, 200), kind: str = "PNG") -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).line((20, 20, size[0] - 20, size[1] - 20), fill="black", width=5)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()
