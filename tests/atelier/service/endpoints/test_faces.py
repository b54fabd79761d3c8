"""`/encode_face`, `/edit_face` and `/attributes` with a champion that edits sample faces."""

import asyncio
import base64
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from atelier.data.samples import face_measures, faces
from atelier.errors import BadInputError
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.attributes import list_attributes
from atelier.service.endpoints.edit_face import EditFace, EditFaceRequest, edit_face
from atelier.service.endpoints.encode_face import EncodeFaceRequest, encode_face
from atelier.service.endpoints.models import list_models
from atelier.service.http.errors import BadImageError, NotAcceptableError
from tests.helpers.face_champion import FAMILY, write_face_champion
from tests.helpers.face_sets import LAYERS, SIZE
from tests.helpers.image_files import encode
from tests.helpers.queues import record_queues

FACE = encode(Image.fromarray(faces.paint(1, 170, 96)), "PNG")


@pytest.fixture(scope="module")
def champion(tmp_path_factory) -> Champion:
    return Champion(write_face_champion(tmp_path_factory.mktemp("psp"), "3"))


@pytest.fixture(scope="module")
def token(champion) -> str:
    return encode_face(champion, EncodeFaceRequest.from_parts({"image": FACE})).token


def edited(champion, accept="image/png", **parts):
    return edit_face(champion, EditFaceRequest.from_parts(parts, accept))


def pixels(response) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(response.body)))


def measured(response, name) -> float:
    return float(face_measures.measure(pixels(response)[None])[0, faces.Attributes._fields.index(name)])


def test_a_token_is_short_and_the_aligned_face_is_the_models_input(champion) -> None:
    response = encode_face(champion, EncodeFaceRequest.from_parts({"image": FACE}))
    assert (response.family, response.version) == (FAMILY, "3")
    assert len(base64.urlsafe_b64decode(response.token)) == 8 + 2 * LAYERS * 15
    face = Image.open(io.BytesIO(base64.b64decode(response.aligned.partition(",")[2])))
    assert face.size == (SIZE, SIZE)


@pytest.mark.parametrize(("name", "queue"), [("token", "light"), ("image", "heavy")])
def test_a_slider_that_sends_a_token_does_not_wait_behind_photos(champion, token, monkeypatch, name, queue) -> None:
    used = record_queues(monkeypatch)
    request = EditFaceRequest.model_construct()
    request._form = {name: {"token": token, "image": FACE}[name]}
    service = SimpleNamespace(champions={FAMILY: champion})
    response = asyncio.run(EditFace.edit_face.func(service, request))
    assert response.status_code == 200
    assert used == [queue]


def test_an_edit_without_changes_is_the_reconstruction_whether_from_token_or_image(champion, token) -> None:
    plain = edited(champion, token=token)
    assert np.array_equal(pixels(plain), pixels(edited(champion, token=token, changes={"age": 0})))
    assert np.array_equal(pixels(plain), pixels(edited(champion, image=FACE)))


def test_an_edit_does_what_is_asked_and_can_be_repeated(champion, token) -> None:
    younger, older = (edited(champion, token=token, changes={"age": change}) for change in (-1.5, 1.5))
    assert measured(older, "age") > measured(younger, "age") + 30
    assert np.array_equal(pixels(older), pixels(edited(champion, token=token, changes={"age": 1.5})))
    assert older.headers["Atelier-Version"] == "3"
    assert json.loads(older.headers["Atelier-Changes"]) == {"age": 1.5}
    assert "Atelier-Clamped" not in older.headers


def test_a_change_out_of_range_is_clamped_and_the_response_says_so(champion, token) -> None:
    response = edited(champion, token=token, changes={"age": 9, "smile": -0.5})
    assert json.loads(response.headers["Atelier-Changes"]) == {"age": 2.0, "smile": -0.5}
    assert json.loads(response.headers["Atelier-Clamped"]) == {"age": 9.0}
    assert np.array_equal(pixels(response), pixels(edited(champion, token=token, changes={"age": 2, "smile": -0.5})))


def test_the_type_of_the_image_is_negotiated(champion, token) -> None:
    assert edited(champion, "image/webp", token=token).media_type == "image/webp"
    with pytest.raises(NotAcceptableError):
        edited(champion, "text/html", token=token)


def broken(token: str, kind: str) -> str:
    content = bytearray(base64.urlsafe_b64decode(token))
    if kind == "other model":
        content[0] ^= 1
    elif kind == "cut off":
        content = content[:-2]
    elif kind == "longer":
        content += b"\0\0"
    elif kind == "not finite":
        content[8:10] = np.array(np.nan, "<f2").tobytes()
    return base64.urlsafe_b64encode(bytes(content)).decode()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("other model", "of another model than version 3"),
        ("cut off", "too long or cut off"),
        ("longer", "too long or cut off"),
        ("not finite", "not finite"),
    ],
)
def test_a_token_that_is_not_the_models_is_refused(champion, token, kind, message) -> None:
    with pytest.raises(BadInputError, match=message):
        edited(champion, token=broken(token, kind))


@pytest.mark.parametrize("text", ["", "!", "abc", "é" * 10, "A" * 5])
def test_text_that_is_no_token_is_refused(champion, text) -> None:
    with pytest.raises(BadInputError, match="token"):
        edited(champion, token=text)


def test_a_token_of_another_version_is_refused(tmp_path, token) -> None:
    other = Champion(write_face_champion(tmp_path / "other", "4", components=40))
    with pytest.raises(BadInputError, match="of another model"):
        edited(other, token=token)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "Send either image or token: one face"),
        ({"image": FACE, "token": "x"}, "not both"),
        ({"token": "x", "changes": {"age": "old"}}, "changes must be an object with a number for each attribute"),
        ({"token": "x", "changes": {"age": float("nan")}}, "changes must be an object"),
        ({"token": "x", "changes": [1]}, "changes must be an object"),
        ({"token": "x", "strength": 1}, "no part called 'strength'"),
    ],
)
def test_the_message_says_what_is_wrong(champion, parts, message) -> None:
    with pytest.raises(BadInputError, match=message):
        edited(champion, **parts)


def test_an_unknown_attribute_is_named(champion, token) -> None:
    with pytest.raises(BadInputError, match="no attribute 'beard'"):
        edited(champion, token=token, changes={"beard": 1})


def test_an_image_without_a_face_gets_a_clear_answer(tmp_path) -> None:
    blind = Champion(write_face_champion(tmp_path, alignment="eyes"))
    with pytest.raises(BadImageError, match="No face is found in the image") as caught:
        encode_face(blind, EncodeFaceRequest.from_parts({"image": FACE}))
    assert caught.value.reason == "no face"


def test_attributes_have_ranges_and_the_models_list_has_no_vectors(champion) -> None:
    champions = Champions({FAMILY: champion}, {})
    found = list_attributes(champions)
    assert [each.name for each in found.attributes] == list(faces.Attributes._fields)
    assert found.attributes[0].range == (-2.5, 2.0)
    assert found.attributes[0].unit == "years"
    (entry,) = list_models(champions).models
    assert "vector" not in entry.card["spec"]["directions"][0]
    assert entry.card["spec"]["directions"][0]["range"] == [-2.5, 2.0]


def test_without_a_champion_there_is_a_reason() -> None:
    found = list_attributes(Champions({}, {FAMILY: "None yet."}))
    assert (found.ready, found.error, found.attributes) == (False, "None yet.", ())
