"""Photos painted over real HTTP: styles that the model learned, and those of style images."""

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
from tests.helpers.service_requests import sentence
from tests.helpers.serving import serving
from tests.helpers.style_requests import PAINTING, PHOTO, STYLIZE, WITH, stylize, stylize_with
from tests.helpers.stylizer_champions import ARBITRARY, COLOURS, FAST

pytestmark = pytest.mark.system

KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def pixels(answer: httpx.Response) -> np.ndarray:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content))).astype(int)


def original(content: bytes = PHOTO) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def test_a_photo_comes_back_painted_and_says_by_whom(service: httpx.Client) -> None:
    answer = stylize(service, strength=0.5, styles={"ochre": 3, "sea": 1})
    colour = 0.75 * np.array(COLOURS["ochre"]) + 0.25 * np.array(COLOURS["sea"])
    np.testing.assert_allclose(pixels(answer), 0.75 * original() + 0.25 * colour, atol=0.51)
    told = {name: unquote(answer.headers[f"atelier-{name}"]) for name in ("family", "version", "strength", "size")}
    assert told == {"family": FAST, "version": "1", "strength": "0.5", "size": "80x60"}
    assert json.loads(unquote(answer.headers["atelier-styles"])) == {"ochre": 0.75, "sea": 0.25}
    assert "atelier-scaled" not in answer.headers
    assert Image.open(io.BytesIO(answer.content)).text.items() >= told.items()  # type: ignore[attr-defined]
    again = stylize(service, styles=unquote(answer.headers["atelier-styles"]), strength=0.5)
    assert again.content == answer.content


def test_a_photo_takes_over_the_style_of_a_picture(service: httpx.Client) -> None:
    answer = stylize_with(service, PAINTING)
    painted, painting = pixels(answer), original(PAINTING)
    assert painted.shape == original().shape
    np.testing.assert_allclose(painted.mean((0, 1)), painting.mean((0, 1)), atol=3)
    assert (answer.headers["atelier-family"], answer.headers["atelier-version"]) == (ARBITRARY, "1")
    assert stylize_with(service, PAINTING).content == answer.content
    other = encode(random_image(3, 50, 50), "PNG")
    blend = pixels(stylize_with(service, PAINTING, other, weights=[1, 3]))
    expected = 0.25 * painting.mean((0, 1)) + 0.75 * original(other).mean((0, 1))
    np.testing.assert_allclose(blend.mean((0, 1)), expected, atol=3)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "image/png"),
        ("*/*", "image/png"),
        ("image/jpeg", "image/jpeg"),
        ("image/webp,image/*;q=0.8", "image/webp"),
        ("application/json, image/jpeg;q=0.2, image/webp;q=0.3", "image/webp"),
        ("image/png;q=0, */*", "image/jpeg"),
    ],
)
def test_the_answer_has_the_type_that_is_accepted(service: httpx.Client, accept: str | None, kind: str) -> None:
    answer = stylize(service, accept=accept)
    assert answer.headers["content-type"] == kind
    assert Image.open(io.BytesIO(answer.content)).format == KINDS[kind]


def test_a_type_that_is_not_made_is_406(service: httpx.Client) -> None:
    answer = stylize(service, accept="image/avif, text/html")
    assert answer.status_code == 406
    assert "Accept image/png, image/jpeg or image/webp." in sentence(answer)


def test_a_large_photo_is_made_smaller_and_the_answer_says_so(service: httpx.Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    sideways = encode(random_image(4, 1200, 1600), exif=exif)
    for answer in (stylize(service, sideways), stylize_with(service, PAINTING, content=sideways)):
        assert pixels(answer).shape == (1024, 768, 3)
        assert answer.headers["atelier-size"] == "768x1024"
        assert answer.headers["atelier-scaled"] == "1200x1600 to 768x1024"


def test_the_styles_are_listed_with_thumbnails(service: httpx.Client) -> None:
    answer = service.get("/styles").json()
    assert [style["name"] for style in answer.pop("styles")] == list(COLOURS)
    assert answer == {"family": FAST, "version": "1", "ready": True, "reason": None}
    thumbnails = [style["thumbnail"] for style in service.get("/styles").json()["styles"]]
    assert all(each.startswith("data:image/webp;base64,") for each in thumbnails)
    assert "data:image" not in service.get("/models").text


def test_many_at_once_are_all_painted_alike(service: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        fast = [pool.submit(stylize, service) for _ in range(16)]
        with_style = [pool.submit(stylize_with, service, PAINTING) for _ in range(16)]
    for answers in (fast, with_style):
        assert {each.result().status_code for each in answers} == {200}
        assert len({each.result().content for each in answers}) == 1


def test_the_documentation_tells_what_is_sent_and_answered(service: httpx.Client) -> None:
    spec = service.get("/docs.json").json()
    answers = {STYLIZE: stylize(service, encode(random_image(6, 40, 1200))), WITH: stylize_with(service, PAINTING)}
    for path, answer in answers.items():
        post = spec["paths"][path]["post"]
        (asked,) = post["requestBody"]["content"].values()
        assert {"image"} < set(asked["schema"]["required"])
        assert asked["encoding"]["image"] == {"contentType": "image/*"}
        documented = post["responses"]["200"]
        assert documented["content"].keys() == KINDS.keys()
        told = {name for name in answer.headers if name.startswith("atelier-")}
        required = {name.lower() for name, header in documented["headers"].items() if header["required"]}
        assert required <= told <= {name.lower() for name in documented["headers"]}
        assert {"200", "400", "406", "413", "415", "429", "503", "504"} == set(post["responses"])
    assert {name.lower() for name in documented["headers"]} == {
        name for name in answers[STYLIZE].headers if "atelier" in name
    }
    schema = spec["components"]["schemas"]["Styles"]
    assert set(service.get("/styles").json()) == set(schema["required"])
    assert set(spec["paths"]["/styles"]["get"]["responses"]) == {"200", "503"}


def test_without_a_champion_the_reason_is_told(tmp_path: Path) -> None:
    with serving(tmp_path / "bentoml") as service:
        for answer in (stylize(service), stylize_with(service, PAINTING)):
            assert answer.status_code == 503
            assert "has no champion yet" in sentence(answer)
        answer = service.get("/styles")
        body = answer.json()
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert (body["family"], body["version"], body["ready"], body["styles"]) == (FAST, None, False, [])
        assert body["reason"] == body["error"] == f"{FAST} has no champion yet. " + body["reason"].partition(". ")[2]
