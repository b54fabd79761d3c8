import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.spec import DrawingInput
from atelier.service.champions import Champion
from atelier.service.endpoints.classify_drawing import (
    ClassifyDrawing,
    ClassifyDrawingRequest,
    ClassifyDrawingResponse,
    bitmap_from_strokes,
    classify,
)
from atelier.service.http.limits import LIMITS
from tests.helpers.classifier_champion import LABELS, write_champion
from tests.helpers.image_files import encode
from tests.helpers.queues import record_queues

LINE = [[[0, 255], [0, 255]]]


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Champion:
    return Champion(write_champion(tmp_path_factory.mktemp("champion")))


def respond(champion: Champion, **parts: Any) -> ClassifyDrawingResponse:
    return classify(champion, ClassifyDrawingRequest.from_parts(parts))


def test_the_most_likely_labels_come_first_with_the_model_that_found_them(champion: Champion) -> None:
    response = respond(champion, strokes=LINE, top_k=3)
    expected = champion.model(image=rasterize([[np.array(LINE[0])]]))["probabilities"][0]
    assert (response.family, response.version) == ("quickdraw_classifier", "1")
    assert [guess.label for guess in response.guesses] == [LABELS[i] for i in np.argsort(-expected)[:3]]
    assert [guess.probability for guess in response.guesses] == pytest.approx(np.sort(expected)[::-1][:3], abs=1e-6)


@pytest.mark.parametrize(
    ("parts", "queue"),
    [
        ({"strokes": LINE}, "light"),
        ({"image": encode(Image.fromarray(255 - rasterize([[np.array(LINE[0])]])[0]), "PNG")}, "medium"),
    ],
)
def test_strokes_do_not_wait_behind_images(
    champion: Champion, monkeypatch: pytest.MonkeyPatch, parts: dict[str, Any], queue: str
) -> None:
    used = record_queues(monkeypatch)
    request = ClassifyDrawingRequest.model_construct()
    request._form = parts
    service = SimpleNamespace(champions={"quickdraw_classifier": champion})
    response = asyncio.run(ClassifyDrawing.classify_drawing.func(service, request))
    assert response.version == "1"
    assert used == [queue]


def test_the_default_is_five_labels(champion: Champion) -> None:
    assert len(respond(champion, strokes=LINE).guesses) == 5


def test_strokes_may_be_in_any_unit() -> None:
    small = bitmap_from_strokes([[[0, 10, 20], [5, 25, 5]]], DrawingInput())
    large = bitmap_from_strokes([[[500, 5500, 10500], [3000, 13000, 3000]]], DrawingInput())
    assert np.array_equal(small, large)


@pytest.mark.parametrize(
    ("top_k", "bounds"),
    [
        *((wrong, "of at least 1") for wrong in (0, -1, 2.5, "3", True, [3])),
        *((large, "from 1 to 10") for large in (11, 10**30)),
    ],
)
def test_top_k_out_of_range(champion: Champion, top_k: Any, bounds: str) -> None:
    with pytest.raises(BadInputError, match=rf"^top_k must be a whole number {bounds}\.$"):
        respond(champion, strokes=LINE, top_k=top_k)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "either image or strokes"),
        ({"strokes": LINE, "image": b"x"}, "not both"),
        ({"image": "cat.png"}, "must be a file"),
        ({"image": "http://example.org/cat.png"}, "must be a file"),
        ({"image": 3}, "must be a file"),
        ({"image": b""}, "empty"),
        ({"strokes": []}, "at least one stroke"),
        ({"strokes": {}}, "list"),
        ({"strokes": "[[[1],[2]]]"}, "list"),
        ({"strokes": [[]]}, "Stroke 1"),
        ({"strokes": [[[], []]]}, "no points"),
        ({"strokes": [[[1, 2], [1]]]}, "as many x as y"),
        ({"strokes": [[["a"], ["b"]]]}, "numbers"),
        ({"strokes": [[[None], [None]]]}, "numbers"),
        ({"strokes": [[[[1]], [[2]]]]}, "as many|numbers"),
        ({"strokes": [[[10**400], [1]]]}, "number"),
        ({"strokes": [[[1e9], [1]]]}, "finite number"),
        ({"strokes": json.loads("[[[NaN, 1], [0, 1]]]")}, "finite number"),
        ({"strokes": json.loads("[[[0, 1], [-Infinity, 1]]]")}, "finite number"),
        ({"strokes": [[[1], [1]]] * (LIMITS.strokes + 1)}, "at most 500 strokes"),
        ({"strokes": [[[1] * (LIMITS.points + 1)] * 2]}, "at most 10000 points"),
    ],
)
def test_wrong_input_is_rejected_with_a_message(champion: Champion, parts: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        respond(champion, **parts)


def test_a_drawing_at_the_limits_is_classified(champion: Champion) -> None:
    zigzag = np.random.default_rng(0).uniform(-1e6, 1e6, (2, LIMITS.points)).tolist()
    assert respond(champion, strokes=[zigzag]).guesses


def test_a_single_point_is_classified(champion: Champion) -> None:
    assert respond(champion, strokes=[[[7], [7]]]).guesses


def test_an_image_and_its_strokes_have_the_same_response(champion: Champion, tmp_path: Path) -> None:
    from PIL import Image

    bitmap = bitmap_from_strokes(LINE, DrawingInput())
    Image.fromarray(bitmap).save(tmp_path / "line.png")
    response = respond(champion, image=(tmp_path / "line.png").read_bytes())
    assert response == respond(champion, strokes=LINE)
