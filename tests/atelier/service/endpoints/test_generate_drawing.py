import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.responses import Response

from atelier.errors import BadInputError
from atelier.service.champions import Champion
from atelier.service.endpoints.generate_drawing import SketchAnswer, generate
from tests.helpers.generator_champion import FAMILY, LABELS, stored_drawings, write_generator


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Champion:
    return Champion(write_generator(tmp_path_factory.mktemp("generator"), version="3"))


def drawings(champion: Champion, **parts: Any) -> SketchAnswer:
    answer = generate(champion, {"as": "array", **parts})
    assert isinstance(answer, SketchAnswer)
    return answer


def sheet(champion: Champion, **parts: Any) -> Response:
    answer = generate(champion, parts)
    assert isinstance(answer, Response)
    return answer


@pytest.mark.parametrize("label", LABELS)
def test_the_label_is_drawn(champion: Champion, label: str) -> None:
    answer = drawings(champion, label=label, seed=1)
    images = np.array(answer.images)
    assert (answer.family, answer.version, answer.label, answer.seed) == (FAMILY, "3", label, 1)
    assert images.shape == (16, 28, 28)
    assert all((stored_drawings(label) == image).all(axis=(1, 2)).any() for image in images)
    assert len({image.tobytes() for image in images}) > 5


def test_a_seed_repeats_and_more_drawings_begin_with_the_fewer(champion: Champion) -> None:
    every = drawings(champion, label="sun", seed=5, count=64).images
    for count in (1, 16, 17, 64):
        assert drawings(champion, label="sun", seed=5, count=count).images == every[:count]
    assert sheet(champion, label="sun", seed=5).body == sheet(champion, label="sun", seed=5).body
    assert drawings(champion, label="sun", seed=6, count=64).images != every


def test_without_a_seed_the_answer_tells_the_one_it_took(champion: Champion) -> None:
    first = sheet(champion, label="house")
    again = sheet(champion, label="house", seed=int(first.headers["atelier-seed"]))
    assert again.body == first.body
    assert sheet(champion, label="house").body != first.body


def test_a_picture_unless_asked_otherwise(champion: Champion) -> None:
    response = sheet(champion, label="house", seed=2, count=4)
    picture = Image.open(io.BytesIO(response.body))
    told = {"family": FAMILY, "version": "3", "label": "house", "seed": "2"}
    assert picture.format == "PNG"
    assert picture.text == told  # type: ignore[attr-defined]
    assert told.items() <= {name.removeprefix("atelier-"): value for name, value in response.headers.items()}.items()


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({}, "label must be text.*'clock'"),
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
def test_wrong_input_is_refused_with_a_sentence(champion: Champion, parts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        generate(champion, parts)
