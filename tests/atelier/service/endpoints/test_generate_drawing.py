import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.service.champions import Champion
from atelier.service.endpoints.generate_drawing import GenerateDrawingRequest, GenerateDrawingResponse, generate
from tests.helpers.generator_champion import FAMILY, LABELS, stored_drawings, write_generator


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Champion:
    return Champion(write_generator(tmp_path_factory.mktemp("generator"), version="3"))


def respond(champion: Champion, **parts: Any) -> GenerateDrawingResponse | Response:
    return generate(champion, GenerateDrawingRequest.from_parts(parts))


def drawings(champion: Champion, **parts: Any) -> GenerateDrawingResponse:
    response = respond(champion, **{"as": "array", **parts})
    assert isinstance(response, GenerateDrawingResponse)
    return response


def grid(champion: Champion, **parts: Any) -> Response:
    response = respond(champion, **parts)
    assert isinstance(response, Response)
    return response


@pytest.mark.parametrize("label", LABELS)
def test_the_label_is_drawn(champion: Champion, label: str) -> None:
    response = drawings(champion, label=label, seed=1)
    images = np.array(response.images)
    assert (response.family, response.version, response.label, response.seed) == (FAMILY, "3", label, 1)
    assert images.shape == (16, 28, 28)
    assert all((stored_drawings(label) == image).all(axis=(1, 2)).any() for image in images)
    assert len({image.tobytes() for image in images}) > 5


def test_a_seed_gives_the_same_drawings_and_more_drawings_begin_with_the_fewer(champion: Champion) -> None:
    every = drawings(champion, label="sun", seed=5, count=64).images
    for count in (1, 16, 17, 64):
        assert drawings(champion, label="sun", seed=5, count=count).images == every[:count]
    assert grid(champion, label="sun", seed=5).body == grid(champion, label="sun", seed=5).body
    assert drawings(champion, label="sun", seed=6, count=64).images != every


def test_a_random_seed_is_part_of_the_response(champion: Champion) -> None:
    first = grid(champion, label="house")
    again = grid(champion, label="house", seed=int(first.headers["atelier-seed"]))
    assert again.body == first.body
    assert grid(champion, label="house").body != first.body


def test_the_default_is_a_png(champion: Champion) -> None:
    response = grid(champion, label="house", seed=2, count=4)
    image = Image.open(io.BytesIO(response.body))
    expected = {"family": FAMILY, "version": "3", "label": "house", "seed": "2"}
    assert image.format == "PNG"
    assert image.text == expected  # type: ignore[attr-defined]
    assert (
        expected.items() <= {name.removeprefix("atelier-"): value for name, value in response.headers.items()}.items()
    )


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "label must be text, such as 'house'"),
        ({"label": 3}, "label must be text"),
        ({"label": "hose"}, "no label 'hose'.*house"),
        ({"label": "zebra"}, "clock or envelope or house or sun"),
        ({"label": "sun", "count": 0}, "count .* from 1 to 64"),
        ({"label": "sun", "count": 65}, "count .* from 1 to 64"),
        ({"label": "sun", "count": "many"}, "count .* from 1 to 64"),
        ({"label": "sun", "count": None}, "count .* from 1 to 64"),
        ({"label": "sun", "seed": -1}, "seed .* from 0 to 4294967295"),
        ({"label": "sun", "seed": 2**32}, "seed .* from 0 to 4294967295"),
        ({"label": "sun", "seed": 1.5}, "seed .* from 0 to 4294967295"),
        ({"label": "sun", "as": "jpeg"}, "as must be 'png' or 'array'"),
        ({"label": "sun", "as": None}, "as must be 'png' or 'array'"),
    ],
)
def test_wrong_input_is_rejected_with_a_message(champion: Champion, parts: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        respond(champion, **parts)
