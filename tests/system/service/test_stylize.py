"""Photos stylized over real HTTP: in styles that the model knows, and in those of style images."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.helpers.image_files import encode, random_image
from tests.helpers.service_requests import error_message
from tests.helpers.serving import serving
from tests.helpers.style_requests import PHOTO, STYLE_IMAGE, STYLIZE, STYLIZE_WITH, stylize, stylize_with
from tests.helpers.stylizer_champions import ARBITRARY, COLORS, FAST

pytestmark = pytest.mark.system

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def pixels(response: httpx.Response) -> np.ndarray:
    assert response.status_code == 200, response.text
    return np.asarray(Image.open(io.BytesIO(response.content))).astype(int)


def original(content: bytes = PHOTO) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def test_a_photo_is_stylized_and_names_the_model(service: httpx.Client) -> None:
    response = stylize(service, strength=0.5, styles={"ochre": 3, "sea": 1})
    colour = 0.75 * np.array(COLORS["ochre"]) + 0.25 * np.array(COLORS["sea"])
    np.testing.assert_allclose(pixels(response), 0.75 * original() + 0.25 * colour, atol=0.51)
    provenance = {
        name: unquote(response.headers[f"atelier-{name}"]) for name in ("family", "version", "strength", "size")
    }
    assert provenance == {"family": FAST, "version": "1", "strength": "0.5", "size": "80x60"}
    assert json.loads(unquote(response.headers["atelier-styles"])) == {"ochre": 0.75, "sea": 0.25}
    assert "atelier-scaled" not in response.headers
    assert Image.open(io.BytesIO(response.content)).text.items() >= provenance.items()  # type: ignore[attr-defined]
    again = stylize(service, styles=unquote(response.headers["atelier-styles"]), strength=0.5)
    assert again.content == response.content


def test_a_photo_is_stylized_like_an_image(service: httpx.Client) -> None:
    response = stylize_with(service, STYLE_IMAGE)
    stylized, style = pixels(response), original(STYLE_IMAGE)
    assert stylized.shape == original().shape
    np.testing.assert_allclose(stylized.mean((0, 1)), style.mean((0, 1)), atol=3)
    assert (response.headers["atelier-family"], response.headers["atelier-version"]) == (ARBITRARY, "1")
    assert stylize_with(service, STYLE_IMAGE).content == response.content
    other = encode(random_image(3, 50, 50), "PNG")
    blend = pixels(stylize_with(service, STYLE_IMAGE, other, weights=[1, 3]))
    expected = 0.25 * style.mean((0, 1)) + 0.75 * original(other).mean((0, 1))
    np.testing.assert_allclose(blend.mean((0, 1)), expected, atol=3)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "image/png"),
        ("*/*", "image/png"),
        ("image/jpeg", "image/jpeg"),
        ("image/webp,image/*;q=0.8", "image/webp"),
        ("application/json, image/jpeg;q=0.2, image/webp;q=0.3", "image/webp"),
        ("image/png;q=0, */*", "image/jpeg"),
    ],
)
def test_the_response_has_the_accepted_type(service: httpx.Client, accept: str | None, media_type: str) -> None:
    response = stylize(service, accept=accept)
    assert response.headers["content-type"] == media_type
    assert Image.open(io.BytesIO(response.content)).format == FORMATS[media_type]


def test_an_unknown_type_is_406(service: httpx.Client) -> None:
    response = stylize(service, accept="image/avif, text/html")
    assert response.status_code == 406
    assert "Accept image/png, image/jpeg or image/webp." in error_message(response)


def test_a_large_photo_is_scaled_down_and_the_headers_say_so(service: httpx.Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    sideways = encode(random_image(4, 1200, 1600), exif=exif)
    for response in (stylize(service, sideways), stylize_with(service, STYLE_IMAGE, content=sideways)):
        assert pixels(response).shape == (1024, 768, 3)
        assert response.headers["atelier-size"] == "768x1024"
        assert response.headers["atelier-scaled"] == "1200x1600 to 768x1024"


def test_the_styles_are_listed_with_thumbnails(service: httpx.Client) -> None:
    response = service.get("/styles").json()
    assert [style["name"] for style in response.pop("styles")] == list(COLORS)
    assert response == {"family": FAST, "version": "1", "ready": True, "reason": None}
    thumbnails = [style["thumbnail"] for style in service.get("/styles").json()["styles"]]
    assert all(each.startswith("data:image/webp;base64,") for each in thumbnails)
    assert "data:image" not in service.get("/models").text


def test_many_concurrent_requests_get_the_same_image(service: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        fast = [pool.submit(stylize, service) for _ in range(16)]
        with_style = [pool.submit(stylize_with, service, STYLE_IMAGE) for _ in range(16)]
    for responses in (fast, with_style):
        assert {each.result().status_code for each in responses} == {200}
        assert len({each.result().content for each in responses}) == 1


def test_the_openapi_document_matches_requests_and_responses(service: httpx.Client) -> None:
    spec = service.get("/docs.json").json()
    responses = {
        STYLIZE: stylize(service, encode(random_image(6, 40, 1200))),
        STYLIZE_WITH: stylize_with(service, STYLE_IMAGE),
    }
    for path, response in responses.items():
        post = spec["paths"][path]["post"]
        (body,) = post["requestBody"]["content"].values()
        assert {"image"} < set(body["schema"]["required"])
        assert body["encoding"]["image"] == {"contentType": "image/*"}
        documented = post["responses"]["200"]
        assert documented["content"].keys() == FORMATS.keys()
        provenance = {name for name in response.headers if name.startswith("atelier-")}
        required = {name.lower() for name, header in documented["headers"].items() if header["required"]}
        assert required <= provenance <= {name.lower() for name in documented["headers"]}
        assert {"200", "400", "406", "408", "413", "415", "429", "503", "504"} == set(post["responses"])
    assert {name.lower() for name in documented["headers"]} == {
        name for name in responses[STYLIZE].headers if "atelier" in name
    }
    schema = spec["components"]["schemas"]["StylesResponse"]
    assert set(service.get("/styles").json()) == set(schema["required"])
    assert set(spec["paths"]["/styles"]["get"]["responses"]) == {"200", "503"}


def test_without_a_champion_there_is_a_reason(tmp_path: Path) -> None:
    with serving(tmp_path / "bentoml") as service:
        for response in (stylize(service), stylize_with(service, STYLE_IMAGE)):
            assert response.status_code == 503
            assert "has no champion yet" in error_message(response)
        response = service.get("/styles")
        body = response.json()
        assert (response.status_code, response.headers["retry-after"]) == (503, "60")
        assert (body["family"], body["version"], body["ready"], body["styles"]) == (FAST, None, False, [])
        assert body["reason"] == body["error"] == f"{FAST} has no champion yet. " + body["reason"].partition(". ")[2]
