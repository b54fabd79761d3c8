"""Faces over HTTP: tokens, images, errors."""

import io

import httpx
import pytest
from PIL import Image

from atelier.data.samples import faces
from tests.helpers.image_files import encode
from tests.helpers.service_requests import error_message

pytestmark = pytest.mark.system

FACE = encode(Image.fromarray(faces.paint(1, 170, 96)), "PNG")


@pytest.fixture(scope="module")
def token(service: httpx.Client) -> str:
    response = service.post("/encode_face", files={"image": ("face.png", FACE)})
    assert response.status_code == 200, response.text
    return str(response.json()["token"])


def test_a_face_is_encoded_once_and_edited_often(service: httpx.Client, token: str) -> None:
    pictures = set()
    for change in (-1, 0, 1):
        response = service.post("/edit_face", json={"token": token, "changes": {"age": change}})
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"] == "image/png"
        assert (response.headers["Atelier-Family"], response.headers["Atelier-Version"]) == ("psp", "1")
        pictures.add(response.content)
    assert len(pictures) == 3


def test_an_image_is_edited_without_a_token(service: httpx.Client) -> None:
    form = {"changes": '{"age": 9}'}
    response = service.post(
        "/edit_face", files={"image": ("face.png", FACE)}, data=form, headers={"Accept": "image/jpeg"}
    )
    assert response.status_code == 200, response.text
    assert Image.open(io.BytesIO(response.content)).format == "JPEG"
    assert response.headers["Atelier-Clamped"] == '{"age": 9.0}'


def test_attributes(service: httpx.Client) -> None:
    response = service.get("/attributes")
    assert response.status_code == 200
    assert [each["name"] for each in response.json()["attributes"]] == list(faces.Attributes._fields)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"token": "AAAA"}, "of another model"),
        ({"token": "A" * 200_000}, "token must be"),
        ({"token": 7}, "token must be"),
        ({"changes": {"age": 1}}, "Send either image or token"),
    ],
)
def test_errors_say_what_to_send(service: httpx.Client, body: dict, message: str) -> None:
    response = service.post("/edit_face", json=body)
    assert response.status_code == 400
    assert message in error_message(response)


def test_infinity_in_json_is_refused(service: httpx.Client, token: str) -> None:
    body = f'{{"token": "{token}", "changes": {{"age": 1e999}}}}'
    response = service.post("/edit_face", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert "changes must be" in error_message(response)
