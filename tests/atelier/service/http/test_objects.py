"""Objects on disk. Those of a real S3 server: tests/system/service/test_predict_object.py."""

import os
from pathlib import Path

import pytest

from atelier.errors import BadInputError
from atelier.service.http.errors import NotAllowedError, NotFoundError, TooLargeError
from atelier.service.http.objects import VARIABLE, ObjectStorage

BUCKET = "photos"


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStorage:
    """A folder with two objects, next to one that is not allowed."""
    (tmp_path / BUCKET / "2026").mkdir(parents=True)
    (tmp_path / BUCKET / "a.jpg").write_bytes(b"abc")
    (tmp_path / BUCKET / "2026" / "hot dog 100%.jpg").write_bytes(b"0123456789")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return ObjectStorage([f"file://{tmp_path}/{BUCKET}"], limit=10)


def bucket(tmp_path: Path) -> str:
    return f"file://{tmp_path}/{BUCKET}"


def test_an_object_of_an_allowed_bucket_is_read(storage: ObjectStorage, tmp_path: Path) -> None:
    assert storage.read(bucket(tmp_path), "a.jpg") == b"abc"
    assert storage.read(bucket(tmp_path) + "/", "2026/hot dog 100%.jpg") == b"0123456789"


@pytest.mark.parametrize("name", ["other", "", "/", "file:///", "s3://photos", "photos"])
def test_other_buckets_are_not_read(storage: ObjectStorage, name: str) -> None:
    with pytest.raises(NotAllowedError, match="does not read from this bucket"):
        storage.read(name, "a.jpg")


def test_a_folder_above_or_inside_is_another_bucket(storage: ObjectStorage, tmp_path: Path) -> None:
    for name in (f"file://{tmp_path}", bucket(tmp_path) + "/2026", bucket(tmp_path) + "/../photos"):
        with pytest.raises(NotAllowedError):
            storage.read(name, "a.jpg")


@pytest.mark.parametrize(
    "filename",
    [
        "../secret.jpg",
        "2026/../../secret.jpg",
        "..",
        "",
        "/etc/passwd",
        "//etc/passwd",
        "%2e%2e/secret.jpg",
        "..%2fsecret.jpg",
        "2026%2f..%2f..%2fsecret.jpg",
        "..\\secret.jpg",
        "C:secret.jpg",
        "a.jpg\0.png",
        "x::file:///etc/passwd",
    ],
)
def test_names_that_lead_out_are_refused_without_a_read(
    storage: ObjectStorage, tmp_path: Path, filename: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "open", None)
    with pytest.raises(BadInputError, match="filename must be the name of an object"):
        storage.read(bucket(tmp_path), filename)


def test_links_that_lead_out_are_as_good_as_missing(storage: ObjectStorage, tmp_path: Path) -> None:
    (tmp_path / BUCKET / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (tmp_path / BUCKET / "folder").symlink_to(tmp_path)
    (tmp_path / BUCKET / "loop.jpg").symlink_to(tmp_path / BUCKET / "loop.jpg")
    for filename in ("link.jpg", "folder/secret.jpg", "loop.jpg"):
        with pytest.raises(NotFoundError):
            storage.read(bucket(tmp_path), filename)


def test_a_link_inside_the_bucket_is_followed(storage: ObjectStorage, tmp_path: Path) -> None:
    (tmp_path / BUCKET / "link.jpg").symlink_to(tmp_path / BUCKET / "a.jpg")
    assert storage.read(bucket(tmp_path), "link.jpg") == b"abc"


def test_folders_and_pipes_are_no_objects(storage: ObjectStorage, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / BUCKET / "pipe.jpg")  # reading it would never end
    for filename in ("2026", "pipe.jpg", "missing.jpg"):
        with pytest.raises(NotFoundError, match="no such object"):
            storage.read(bucket(tmp_path), filename)


def test_an_object_above_the_limit_is_not_read_to_its_end(storage: ObjectStorage, tmp_path: Path) -> None:
    (tmp_path / BUCKET / "large.jpg").write_bytes(b"x" * 11)
    with pytest.raises(TooLargeError, match="larger than"):
        storage.read(bucket(tmp_path), "large.jpg")


def test_without_the_variable_nothing_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(NotAllowedError):
        ObjectStorage.from_environment().read(f"file://{tmp_path}", "a.jpg")


def test_the_variable_lists_buckets_of_three_protocols(storage: ObjectStorage, tmp_path, monkeypatch) -> None:
    allowed = f" {bucket(tmp_path)}/ , s3://one/two,, http://example.org/x, memory://m, /etc"
    monkeypatch.setenv(VARIABLE, allowed)
    found = ObjectStorage.from_environment()
    assert found.read(bucket(tmp_path), "a.jpg") == b"abc"
    assert set(found._allowed.values()) == {bucket(tmp_path), "s3://one/two"}
