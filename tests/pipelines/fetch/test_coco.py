import io
import json
import os
import zipfile

import pytest

from atelier.data.download.archives import in_hash_order, read_archive
from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.download.transfer import TransferError
from atelier.errors import BadInputError
from pipelines.fetch import coco
from tests.helpers.data_settings import coco_fetch
from tests.helpers.image_files import write_folder

NAMES = [f"{number:012d}.jpg" for number in range(1, 31)]
ANNOTATIONS = json.dumps(
    {
        "info": {"year": 2017},
        "licenses": [{"id": 4, "name": "Attribution"}],
        "images": [{"id": int(name[:12]), "file_name": name, "license": 4} for name in NAMES],
        "annotations": [{"id": 7 * int(name[:12]), "image_id": int(name[:12])} for name in NAMES],
        "categories": [{"id": 1, "name": "person"}],
    }
).encode()


def _photos(raw):
    return {member.name: member.read() for path in sorted(raw.glob("*.tar")) for member in read_archive(path)}


def _annotated(raw, part="train2017"):
    whole = json.loads((raw / "annotations" / f"instances_{part}.json").read_text())
    assert {entry["image_id"] for entry in whole["annotations"]} == {image["id"] for image in whole["images"]}
    return {image["file_name"] for image in whole["images"]}


@pytest.fixture
def origin(server, monkeypatch):
    """COCO's own server: the archive of annotations, and each photo by its name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("annotations/instances_train2017.json", ANNOTATIONS)
    server.files["/annotations/annotations_trainval2017.zip"] = packed.getvalue()
    server.files |= {f"/train2017/{name}": name.encode() for name in NAMES}
    monkeypatch.setattr(coco, "ORIGIN", server.address)
    return server


def test_few_photos_need_the_annotations_and_these_photos_only(tmp_path, origin):
    raw = coco.fetch(tmp_path / "raw", coco_fetch(source="origin", items=5))
    requested = [path for path in origin.requested if path.startswith("/train2017/")]
    assert len(requested) == len(set(requested)) == 5
    assert len(origin.requested) == 6
    photos = _photos(raw)
    assert all(content == name.encode() for name, content in photos.items())
    assert _annotated(raw) == set(photos)
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]
    assert "Flickr licence" in Source.read(raw).request.licence


def test_the_same_request_downloads_nothing_and_a_larger_one_has_the_same_photos(tmp_path, origin):
    few = _photos(coco.fetch(tmp_path / "raw", coco_fetch(source="origin", items=5)))
    origin.requested.clear()
    coco.fetch(tmp_path / "raw", coco_fetch(source="origin", items=5))
    assert not origin.requested
    raw = coco.fetch(tmp_path / "raw", coco_fetch(source="origin", items=None))
    assert few.items() <= _photos(raw).items()
    assert _annotated(raw) == set(NAMES)


def test_an_interrupted_fetch_continues(tmp_path, origin):
    last = in_hash_order(NAMES)[-1]
    origin.broken = {f"/train2017/{last}"}
    with pytest.raises(TransferError):
        coco.fetch(tmp_path / "raw", coco_fetch(source="origin"))
    origin.broken = set()
    origin.requested.clear()
    raw = coco.fetch(tmp_path / "raw", coco_fetch(source="origin"))
    assert origin.requested == [f"/train2017/{last}"]
    assert set(_photos(raw)) == set(NAMES)


def test_a_mirror_with_some_of_the_photos(tmp_path):
    files = {"annotations/instances_train2017.json": ANNOTATIONS, "train2017/notes.txt": b""}
    write_folder(tmp_path / "m" / "coco", files | {f"train2017/{name}": name.encode() for name in NAMES[:7]})
    raw = coco.fetch(tmp_path / "raw", coco_fetch(source="mirror", mirror=str(tmp_path / "m")))
    assert set(_photos(raw)) == set(NAMES[:7]) == _annotated(raw)


def _mirror(tmp_path, names, annotations=None):
    """A mirror whose annotations name these photos."""
    named = annotations or json.dumps(
        {"images": [{"id": n, "file_name": name} for n, name in enumerate(names)], "annotations": []}
    )
    files = {"annotations/instances_train2017.json": named.encode()}
    write_folder(tmp_path / "m" / "coco", files | {f"train2017/{name}": name.encode() for name in names})
    return coco_fetch(source="mirror", mirror=str(tmp_path / "m"))


def test_photos_with_any_ending_in_folders_and_beside_them(tmp_path):
    names = ["1.jpg", "2.JPG", "3.jfif", "4.jpe", "in/5.jpg", "in/deeper/6.JPEG"]
    raw = coco.fetch(tmp_path / "raw", _mirror(tmp_path, names))
    assert set(_photos(raw)) == set(names)


def test_names_that_lead_out_of_the_folder_are_passed_over(tmp_path, server, caplog):
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    names = ["1.jpg", "../../../secret.jpg", str(tmp_path / "secret.jpg"), "._1.jpg", 7]
    named = {"images": [{"id": n, "file_name": name} for n, name in enumerate(names)], "annotations": []}
    server.files["/m/coco/annotations/instances_train2017.json"] = json.dumps(named).encode()
    server.files["/m/coco/train2017/1.jpg"] = b"one"
    raw = coco.fetch(tmp_path / "raw", coco_fetch(source="mirror", mirror=f"{server.address}/m"))
    assert _photos(raw) == {"1.jpg": b"one"}
    assert "4 photos of the annotations have no usable names" in caplog.text


def test_photos_without_annotations_are_counted(tmp_path, caplog):
    settings = _mirror(tmp_path, ["1.jpg", "2.jpg"])
    write_folder(tmp_path / "m" / "coco", {"train2017/3.jpg": b"", "train2017/4.jpg": b""})
    assert len(_photos(coco.fetch(tmp_path / "raw", settings))) == 2
    assert "2 photos in " in caplog.text


@pytest.mark.parametrize("change", ["photo", "annotations", "more photos"])
def test_a_changed_mirror_is_noticed(tmp_path, change):
    names = [f"{number}.jpg" for number in range(6)]
    settings = _mirror(tmp_path, names)
    raw = coco.fetch(tmp_path / "raw", settings)
    before = raw.stat().st_ino
    coco.fetch(tmp_path / "raw", settings)
    assert raw.stat().st_ino == before
    if change == "photo":
        write_folder(tmp_path / "m" / "coco", {"train2017/3.jpg": b"other"})
        os.utime(tmp_path / "m/coco/train2017/3.jpg", (1, 1))
    else:
        _mirror(tmp_path, names if change == "annotations" else [*names, "more.jpg"])
        os.utime(tmp_path / "m/coco/annotations/instances_train2017.json", (1, 1))
    photos = _photos(coco.fetch(tmp_path / "raw", settings))
    assert raw.stat().st_ino != before
    assert photos.get("3.jpg") == (b"other" if change == "photo" else b"3.jpg")
    assert ("more.jpg" in photos) is (change == "more photos")


def test_a_mirror_that_is_gone_is_not_needed_for_what_was_fetched(tmp_path):
    settings = _mirror(tmp_path, ["1.jpg", "2.jpg"])
    coco.fetch(tmp_path / "raw", settings)
    (tmp_path / "m").rename(tmp_path / "gone")
    assert len(_photos(coco.fetch(tmp_path / "raw", settings))) == 2


def test_a_mirror_whose_folder_cannot_be_listed(tmp_path, server):
    server.files["/m/coco/annotations/instances_train2017.json"] = ANNOTATIONS
    server.files |= {f"/m/coco/train2017/{name}": name.encode() for name in NAMES}
    raw = coco.fetch(tmp_path / "raw", coco_fetch(source="mirror", mirror=f"{server.address}/m", items=4))
    assert len(_photos(raw)) == 4


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"coco/train2017/1.jpg": b""}, "no annotations of COCO"),
        ({"coco/annotations/instances_train2017.json": ANNOTATIONS, "coco/train2017/1.jpg": b""}, "none of the photos"),
    ],
)
def test_a_mirror_without_annotations_or_photos(tmp_path, files, sentence):
    write_folder(tmp_path / "m", files)
    with pytest.raises(BadInputError, match=sentence):
        coco.fetch(tmp_path / "raw", coco_fetch(source="mirror", mirror=str(tmp_path / "m")))


def test_sample_has_the_true_format_and_is_the_same_every_time(tmp_path):
    settings = coco_fetch(source="sample", items=4, side=32)
    one, two = (coco.fetch(tmp_path / name, settings) for name in ("one", "two"))
    assert dvc_hash(one) == dvc_hash(two)
    assert _annotated(one) <= set(_photos(one))
    assert len(_photos(one)) == 4
