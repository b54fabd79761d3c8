"""Generated drawings and duels over real HTTP."""

import base64
import io
import json
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.helpers import classifier_champion
from tests.helpers.generator_champion import FAMILY, LABELS, stored_drawings
from tests.helpers.service_requests import CLASSIFY_DRAWING, DUEL, GENERATE_DRAWING, error_message

pytestmark = pytest.mark.system


def test_a_grid_names_the_model_and_the_seed_to_repeat_it(service: httpx.Client) -> None:
    grid = service.post(GENERATE_DRAWING, json={"label": "house"})
    assert grid.headers["content-type"] == "image/png"
    provenance = {name: grid.headers[f"atelier-{name}"] for name in ("family", "version", "label", "seed")}
    assert (provenance["family"], provenance["version"], provenance["label"]) == (FAMILY, "1", "house")
    assert Image.open(io.BytesIO(grid.content)).text == provenance  # type: ignore[attr-defined]
    again = service.post(GENERATE_DRAWING, json={"label": "house", "seed": int(provenance["seed"])})
    assert again.content == grid.content
    assert service.post(GENERATE_DRAWING, json={"label": "house"}).content != grid.content


def test_an_array_has_the_drawings_as_numbers(service: httpx.Client) -> None:
    response = service.post(GENERATE_DRAWING, json={"label": "sun", "count": 64, "seed": 3, "as": "array"}).json()
    images = np.array(response.pop("images"), np.uint8)
    assert response == {"family": FAMILY, "version": "1", "label": "sun", "seed": 3}
    assert images.shape == (64, 28, 28)
    assert {image.tobytes() for image in images} <= {image.tobytes() for image in stored_drawings("sun")}


def test_a_duel_has_its_models_and_rounds(service: httpx.Client) -> None:
    duel = service.post(DUEL, json={"seed": 1, "count": 12}).json()
    assert duel["generator"] == {"family": FAMILY, "version": "1"}
    assert duel["classifier"] == {"family": classifier_champion.FAMILY, "version": "1"}
    assert [each["agreed"] for each in duel["rounds"]] == [each["guess"] == each["label"] for each in duel["rounds"]]
    assert duel["score"] == sum(each["agreed"] for each in duel["rounds"])
    assert service.post(DUEL, json={"seed": 1, "count": 12}).json() == duel
    for each in duel["rounds"][:3]:
        image = base64.b64decode(each["image"].removeprefix("data:image/png;base64,"))
        best = service.post(CLASSIFY_DRAWING, files={"image": ("drawing.png", image)}).json()["guesses"][0]
        assert (best["label"], best["probability"]) == (each["guess"], pytest.approx(each["probability"], abs=2e-6))


@pytest.mark.parametrize("endpoint", [GENERATE_DRAWING, DUEL])
@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        ({"json": {"label": "hause"}}, 400, "house"),
        ({"json": {"label": ["sun"]}}, 400, "label must be text"),
        ({"json": {"label": "house", "count": 65}}, 400, "from 1 to 64"),
        ({"json": {"label": "house", "count": 2.5}}, 400, "from 1 to 64"),
        ({"json": {"label": "house", "seed": -1}}, 400, "from 0 to 4294967295"),
        ({"json": {"label": "house", "size": 28}}, 400, "no part called 'size'. The parts are: label, count, seed"),
        ({"content": b""}, 400, "empty"),
        ({"content": b"[]"}, 400, "must be an object"),
        ({"content": b'{"label": '}, 400, "not valid JSON"),
        ({"data": {"label": "house"}}, 415, "Send application/json"),
        ({"files": {"label": ("a", b"house")}}, 415, "Send application/json"),
        ({"json": {"label": "x" * (11 * 2**20)}}, 413, "10 MB"),
    ],
)
def test_the_message_for_wrong_input_says_what_to_change(
    service: httpx.Client, endpoint: str, request_: dict[str, Any], status: int, message: str
) -> None:
    response = service.post(endpoint, **request_)
    assert response.status_code == status, response.text
    assert message in error_message(response)


def test_the_openapi_document_has_both_types_of_response(service: httpx.Client) -> None:
    paths = service.get("/docs.json").json()["paths"]
    bodies = paths[GENERATE_DRAWING]["post"]["requestBody"]["content"]
    responses = paths[GENERATE_DRAWING]["post"]["responses"]
    grid = service.post(GENERATE_DRAWING, json={"label": "sun"})
    array = service.post(GENERATE_DRAWING, json={"label": "sun", "as": "array"})
    assert bodies.keys() == paths[DUEL]["post"]["requestBody"]["content"].keys() == {"application/json"}
    parts = bodies["application/json"]["schema"]["properties"]
    assert list(parts) == ["label", "count", "seed", "as"]
    assert parts["seed"]["nullable"]
    assert "nullable" not in parts["count"]
    assert responses["200"]["content"].keys() == {grid.headers["content-type"], array.headers["content-type"]}
    assert {name.lower() for name in responses["200"]["headers"]} <= grid.headers.keys()
    assert len(responses["200"]["headers"]) == 4
    assert (
        responses.keys()
        == paths[DUEL]["post"]["responses"].keys()
        == paths[CLASSIFY_DRAWING]["post"]["responses"].keys()
    )
    assert paths[DUEL]["post"]["responses"]["200"]["content"].keys() == {"application/json"}


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)
)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(LABELS) | ANYTHING,
        "count": st.integers(0, 70) | ANYTHING,
        "seed": st.integers(0, 2**32) | ANYTHING,
        "as": st.sampled_from(["png", "array"]) | ANYTHING,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=REQUESTS, endpoint=st.sampled_from([GENERATE_DRAWING, DUEL]))
def test_no_json_gives_a_500(service: httpx.Client, parts: dict[str, Any], endpoint: str) -> None:
    content = json.dumps(parts, ensure_ascii=True).encode()
    response = service.post(endpoint, content=content, headers={"content-type": "application/json"})
    assert response.status_code in (200, 400), response.text
    if response.status_code == 400:
        error_message(response)
