"""What the generator draws and what the classifier says of it, over real HTTP."""

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
from tests.helpers.service_requests import DUEL, ENDPOINT, SKETCHES, sentence

pytestmark = pytest.mark.system


def test_a_sheet_names_the_model_and_the_seed_that_give_it_again(service: httpx.Client) -> None:
    sheet = service.post(SKETCHES, json={"label": "house"})
    assert sheet.headers["content-type"] == "image/png"
    told = {name: sheet.headers[f"atelier-{name}"] for name in ("family", "version", "label", "seed")}
    assert (told["family"], told["version"], told["label"]) == (FAMILY, "1", "house")
    assert Image.open(io.BytesIO(sheet.content)).text == told  # type: ignore[attr-defined]
    again = service.post(SKETCHES, json={"label": "house", "seed": int(told["seed"])})
    assert again.content == sheet.content
    assert service.post(SKETCHES, json={"label": "house"}).content != sheet.content


def test_an_array_holds_the_drawings_themselves(service: httpx.Client) -> None:
    answer = service.post(SKETCHES, json={"label": "sun", "count": 64, "seed": 3, "as": "array"}).json()
    images = np.array(answer.pop("images"), np.uint8)
    assert answer == {"family": FAMILY, "version": "1", "label": "sun", "seed": 3}
    assert images.shape == (64, 28, 28)
    assert {image.tobytes() for image in images} <= {image.tobytes() for image in stored_drawings("sun")}


def test_a_duel_tells_who_played_and_how_each_round_ended(service: httpx.Client) -> None:
    duel = service.post(DUEL, json={"seed": 1, "count": 12}).json()
    assert duel["generator"] == {"family": FAMILY, "version": "1"}
    assert duel["classifier"] == {"family": classifier_champion.FAMILY, "version": "1"}
    assert [each["agreed"] for each in duel["rounds"]] == [each["guess"] == each["label"] for each in duel["rounds"]]
    assert duel["score"] == sum(each["agreed"] for each in duel["rounds"])
    assert service.post(DUEL, json={"seed": 1, "count": 12}).json() == duel
    for each in duel["rounds"][:3]:
        image = base64.b64decode(each["image"].removeprefix("data:image/png;base64,"))
        seen = service.post(ENDPOINT, files={"image": ("drawing.png", image)}).json()["guesses"][0]
        assert (seen["label"], seen["probability"]) == (each["guess"], pytest.approx(each["probability"], abs=2e-6))


@pytest.mark.parametrize("endpoint", [SKETCHES, DUEL])
@pytest.mark.parametrize(
    ("request_", "status", "says"),
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
def test_wrong_input_is_told_what_to_change(
    service: httpx.Client, endpoint: str, request_: dict[str, Any], status: int, says: str
) -> None:
    answer = service.post(endpoint, **request_)
    assert answer.status_code == status, answer.text
    assert says in sentence(answer)


def test_the_documentation_knows_both_forms_of_an_answer(service: httpx.Client) -> None:
    paths = service.get("/docs.json").json()["paths"]
    asked = paths[SKETCHES]["post"]["requestBody"]["content"]
    answers = paths[SKETCHES]["post"]["responses"]
    sheet = service.post(SKETCHES, json={"label": "sun"})
    array = service.post(SKETCHES, json={"label": "sun", "as": "array"})
    assert asked.keys() == paths[DUEL]["post"]["requestBody"]["content"].keys() == {"application/json"}
    parts = asked["application/json"]["schema"]["properties"]
    assert list(parts) == ["label", "count", "seed", "as"]
    assert parts["seed"]["nullable"]
    assert "nullable" not in parts["count"]
    assert answers["200"]["content"].keys() == {sheet.headers["content-type"], array.headers["content-type"]}
    assert {name.lower() for name in answers["200"]["headers"]} <= sheet.headers.keys()
    assert len(answers["200"]["headers"]) == 4
    assert answers.keys() == paths[DUEL]["post"]["responses"].keys() == paths[ENDPOINT]["post"]["responses"].keys()
    assert paths[DUEL]["post"]["responses"]["200"]["content"].keys() == {"application/json"}


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)
)
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(LABELS) | ANYTHING,
        "count": st.integers(0, 70) | ANYTHING,
        "seed": st.integers(0, 2**32) | ANYTHING,
        "as": st.sampled_from(["png", "array"]) | ANYTHING,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=QUESTIONS, endpoint=st.sampled_from([SKETCHES, DUEL]))
def test_no_json_gives_a_500(service: httpx.Client, question: dict[str, Any], endpoint: str) -> None:
    content = json.dumps(question, ensure_ascii=True).encode()
    answer = service.post(endpoint, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        sentence(answer)
