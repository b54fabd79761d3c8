"""Photos painted over real HTTP: styles that the model learned, and those of style images."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import broken_files, encode, picture, png_with_header
from tests.questions import sentence
from tests.serving import serving
from tests.stylizers import ARBITRARY, COLOURS, FAST

pytestmark = pytest.mark.system

STYLIZE, WITH = "/stylize", "/stylize_with"
PHOTO, PAINTING = encode(picture(1, 60, 80), "PNG"), encode(picture(2, 64, 64), "PNG")
KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def file(content: bytes, name: str = "photo") -> tuple[str, bytes]:
    return (name, content)


def stylize(service: httpx.Client, content: bytes = PHOTO, accept: str | None = None, **parts: Any) -> httpx.Response:
    data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parts.items()}
    headers = {} if accept is None else {"Accept": accept}
    return service.post(STYLIZE, files={"image": file(content)}, data={"styles": "ochre", **data}, headers=headers)


def stylize_with(service: httpx.Client, *styles: bytes, content: bytes = PHOTO, **parts: Any) -> httpx.Response:
    names = ("style", "style_2", "style_3", "style_4")
    files = {"image": file(content), **{name: file(each) for name, each in zip(names, styles, strict=False)}}
    return service.post(WITH, files=files, data={name: json.dumps(value) for name, value in parts.items()})


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
    other = encode(picture(3, 50, 50), "PNG")
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
    sideways = encode(picture(4, 1200, 1600), exif=exif)
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


PARTS = {"image": file(PHOTO)}
BOTH = {**PARTS, "style": file(PAINTING)}
SMALL, LONG = encode(picture(5, 31, 80), "PNG"), encode(Image.new("RGB", (4000, 100)), "PNG")


@pytest.mark.parametrize(
    ("path", "request_", "status", "says"),
    [
        (
            STYLIZE,
            {"files": PARTS, "data": {"styles": "ocher"}},
            400,
            "no style 'ocher' here. There is, for example, ochre",
        ),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"ocean": 1}'}}, 400, "no style 'ocean'"),
        (STYLIZE, {"files": PARTS}, 400, "GET /styles"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "{}"}}, 400, "GET /styles"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '["ochre"]'}}, 400, "GET /styles"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": 0}'}}, 400, "not all of them 0"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": -1}'}}, 400, "from 0 to"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": "much"}'}}, 400, "from 0 to"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": NaN}'}}, 400, "from 0 to"),
        (STYLIZE, {"files": PARTS, "data": {"styles": '{"sea": 1e999}'}}, 400, "from 0 to"),
        (STYLIZE, {"files": {**PARTS, "styles": file(b"sea")}}, 400, "GET /styles"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "strength": "NaN"}}, 400, "strength must be a number"),
        (
            STYLIZE,
            {"files": PARTS, "data": {"styles": "sea", "strength": "Infinity"}},
            400,
            "strength must be a number",
        ),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "strength": "1.1"}}, 400, "from 0 to 1"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "strength": "full"}}, 400, "from 0 to 1"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "strength": ""}}, 400, "from 0 to 1"),
        (STYLIZE, {"files": PARTS, "data": {"styles": "sea", "keep_colours": "1"}}, 400, "true or false"),
        (STYLIZE, {"files": PARTS, "data": {"style": "sea"}}, 400, "no part called 'style'"),
        (STYLIZE, {"files": [*PARTS.items(), *PARTS.items()], "data": {"styles": "sea"}}, 400, "'image' occurs twice"),
        (STYLIZE, {"files": {"styles": (None, "sea")}}, 400, "There is no image"),
        (
            STYLIZE,
            {"files": {"image": (None, "http://127.0.0.1:9/a.png"), "styles": (None, "sea")}},
            400,
            "must be a file",
        ),
        (STYLIZE, {"files": {"image": file(b"")}, "data": {"styles": "sea"}}, 400, "image: The file is empty"),
        (STYLIZE, {"files": {"image": file(SMALL)}, "data": {"styles": "sea"}}, 400, "80 x 31 pixels"),
        (STYLIZE, {"files": {"image": file(LONG)}, "data": {"styles": "sea"}}, 400, "would be 1024 x 26"),
        (STYLIZE, {"files": {"image": file(b"x" * (11 * 2**20))}, "data": {"styles": "sea"}}, 413, "10 MB"),
        (
            STYLIZE,
            {"files": {"image": file(png_with_header(8000, 6000))}, "data": {"styles": "sea"}},
            400,
            "megapixels",
        ),
        (STYLIZE, {"json": {"styles": "sea"}}, 415, "Send multipart/form-data."),
        (STYLIZE, {"content": b""}, 415, "Send multipart/form-data."),
        (STYLIZE, {"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "boundary"),
        (WITH, {"files": PARTS}, 400, "There is no style."),
        (WITH, {"files": {**PARTS, "style_2": file(PAINTING)}}, 400, "There is no style."),
        (WITH, {"files": {"style": file(PAINTING)}}, 400, "There is no image."),
        (WITH, {"files": {**PARTS, "style": file(b"<svg/>")}}, 400, "style: The file is not a picture"),
        (WITH, {"files": {**BOTH, "style_3": file(SMALL)}}, 400, "style_3: The picture has 80 x 31"),
        (WITH, {"files": {**PARTS, "style": file(LONG)}}, 400, "style: The picture has 4000 x 100"),
        (WITH, {"files": BOTH, "data": {"weights": "[1, 1]"}}, 400, "here 1, such as [1]."),
        (WITH, {"files": BOTH, "data": {"weights": "1"}}, 400, "JSON list"),
        (WITH, {"files": BOTH, "data": {"weights": "[0]"}}, 400, "not all of them 0"),
        (WITH, {"files": BOTH, "data": {"weights": "[NaN]"}}, 400, "from 0 to"),
        (WITH, {"files": BOTH, "data": {"style_2": "sea"}}, 400, "style_2 must be a file"),
        (WITH, {"files": BOTH, "data": {"strength": "-0.1"}}, 400, "from 0 to 1"),
        (WITH, {"json": {"style": "sea"}}, 415, "Send multipart/form-data."),
    ],
)
def test_wrong_input_is_told_what_to_change(
    service: httpx.Client, path: str, request_: dict[str, Any], status: int, says: str
) -> None:
    answer = service.post(path, **request_)
    assert answer.status_code == status, answer.text
    assert says in sentence(answer)


BROKEN = {name: content for name, (content, why) in broken_files().items() if why != "nearly empty"}


@pytest.mark.parametrize("name", BROKEN)
def test_no_broken_file_is_painted(service: httpx.Client, name: str) -> None:
    content = BROKEN[name]
    for answer in (stylize(service, content), stylize_with(service, content)):
        assert answer.status_code == 400
        sentence(answer)


def test_many_at_once_are_all_painted_alike(service: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        fast = [pool.submit(stylize, service) for _ in range(16)]
        with_style = [pool.submit(stylize_with, service, PAINTING) for _ in range(16)]
    for answers in (fast, with_style):
        assert {each.result().status_code for each in answers} == {200}
        assert len({each.result().content for each in answers}) == 1


def test_the_documentation_tells_what_is_sent_and_answered(service: httpx.Client) -> None:
    spec = service.get("/docs.json").json()
    answers = {STYLIZE: stylize(service, encode(picture(6, 40, 1200))), WITH: stylize_with(service, PAINTING)}
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


VALUES = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats(),
    st.text(max_size=8),
    st.lists(st.floats() | st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(list(COLOURS)) | st.text(max_size=4), st.floats() | st.integers(), max_size=3),
).map(json.dumps)
FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(
    path=st.sampled_from([STYLIZE, WITH]),
    data=st.dictionaries(st.sampled_from(["styles", "strength", "keep_colours", "weights", "style_2", "x"]), VALUES),
)
def test_no_values_give_a_500(service: httpx.Client, path: str, data: dict[str, str]) -> None:
    answer = service.post(path, files=PARTS if path == STYLIZE else BOTH, data=data)
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        sentence(answer)


@FUZZ
@given(kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]), seed=st.integers(0, 2**32 - 1))
def test_no_damaged_photo_gives_a_500(service: httpx.Client, kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    damaged = np.frombuffer(encode(picture(7, 40, 50), kind), np.uint8).copy()
    damaged[random.integers(0, len(damaged), 8)] = random.integers(0, 256, 8)
    answer = stylize(service, damaged[: random.integers(1, len(damaged) + 1)].tobytes())
    assert answer.status_code in (200, 400), answer.text


@FUZZ
@given(accept=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_no_accept_gives_a_500(service: httpx.Client, accept: str) -> None:
    assert stylize(service, accept=accept.strip()).status_code in (200, 406)
