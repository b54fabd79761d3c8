"""Objects in buckets of a real S3 server, through the service."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image

from tests.helpers.image_files import encode
from tests.helpers.photo_champion import FAMILY, write_photo_champion
from tests.helpers.service_requests import error_message
from tests.helpers.serving import serving, store_model

pytestmark = pytest.mark.system

RED = encode(Image.new("RGB", (90, 60), (230, 20, 30)))
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """An S3 server with three buckets; two of them will be allowed."""
    import boto3

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # pragma: allowlist secret
    )
    objects = {
        "photos": {"2026/red one.jpg": RED, "notes.txt": b"no image", "empty.jpg": b"", "large.jpg": b"x" * (11 << 20)},
        "archive": {"public/red.jpg": RED, "private/red.jpg": RED},
        "secret": {"red.jpg": RED},
    }
    for bucket, content in objects.items():
        client.create_bucket(Bucket=bucket)
        for key, body in content.items():
            client.put_object(Bucket=bucket, Key=key, Body=body)
    yield address
    server.stop()


@pytest.fixture(scope="module")
def service(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("objects")
    (folder / "disk").mkdir()
    (folder / "disk" / "red.jpg").write_bytes(RED)
    store_model(folder / "bentoml", write_photo_champion(folder / "champion"), family=FAMILY)
    allowed = f"s3://photos,s3://archive/public,s3://absent,file://{folder / 'disk'}"
    with serving(folder / "bentoml", ATELIER_BUCKETS=allowed, AWS_ENDPOINT_URL=address, **KEYS) as client:
        client.headers["Test-Disk"] = f"file://{folder / 'disk'}"
        yield client


def predict(service: httpx.Client, bucket: str, filename: str) -> httpx.Response:
    return service.post("/predict_object", json={"bucket": bucket, "filename": filename})


@pytest.mark.parametrize("bucket", ["photos", "s3://photos"])
def test_an_object_is_classified(service: httpx.Client, bucket: str) -> None:
    response = predict(service, bucket, "2026/red one.jpg")
    assert response.status_code == 200, response.text
    answer = response.json()
    assert (answer["label"], answer["family"], answer["unsure"]) == ("red", FAMILY, False)
    assert answer["confidence"] > 0.99
    direct = service.post("/classify_photo", files={"image": ("red.jpg", RED)}).json()["photos"][0]
    assert answer["confidence"] == direct["confidence"]


def test_a_part_of_a_bucket_may_be_allowed(service: httpx.Client) -> None:
    assert predict(service, "s3://archive/public", "red.jpg").json()["label"] == "red"
    for bucket in ("archive", "s3://archive", "s3://archive/private", "archive/public/../private"):
        assert predict(service, bucket, "red.jpg").status_code == 403, bucket
    assert predict(service, "s3://archive/public", "../private/red.jpg").status_code == 400


def test_a_folder_on_disk_may_be_allowed(service: httpx.Client) -> None:
    assert predict(service, service.headers["Test-Disk"], "red.jpg").json()["label"] == "red"
    assert predict(service, "file:///etc", "passwd").status_code == 403


@pytest.mark.parametrize(
    ("bucket", "filename", "status", "sentence"),
    [
        ("secret", "red.jpg", 403, "does not read from this bucket"),
        ("photos", "missing.jpg", 404, "no such object"),
        ("absent", "red.jpg", 404, "no such object"),
        ("photos", "large.jpg", 413, "larger than 10 MB"),
        ("photos", "notes.txt", 400, "not an image"),
        ("photos", "empty.jpg", 400, "The file is empty"),
        ("photos", "../secret/red.jpg", 400, "filename must be"),
        ("photos", "%2e%2e/secret/red.jpg", 400, "filename must be"),
        ("photos", "/red.jpg", 400, "filename must be"),
    ],
)
def test_anything_else_is_a_clear_error(
    service: httpx.Client, bucket: str, filename: str, status: int, sentence: str
) -> None:
    response = predict(service, bucket, filename)
    assert response.status_code == status
    assert sentence in error_message(response)


def test_other_addresses_still_say_that_there_is_nothing(service: httpx.Client) -> None:
    response = service.get("/no_such_address")
    assert response.status_code == 404
    assert "docs.json" in error_message(response)


def test_a_server_that_does_not_answer_is_an_error_and_not_a_hanging_request(tmp_path: Path) -> None:
    store_model(tmp_path / "bentoml", write_photo_champion(tmp_path / "champion"), family=FAMILY)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with serving(tmp_path / "bentoml", ATELIER_BUCKETS="s3://photos", AWS_ENDPOINT_URL=address, **KEYS) as client:
            response = client.post("/predict_object", json={"bucket": "photos", "filename": "a.jpg"}, timeout=60)
    assert response.status_code == 404
    assert "cannot be reached" in error_message(response)
