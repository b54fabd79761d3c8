import json
import zipfile
from collections.abc import Iterator

import pytest

from atelier.data.ingest import coco
from atelier.data.ingest.coco import image_names, read_object, write_subset
from atelier.errors import BadInputError

WHOLE = {
    "info": {"description": "COCO 2017 Dataset", "year": 2017},
    "licenses": [{"id": 1, "name": "Attribution"}],
    "images": [{"id": n, "file_name": f"{n:012d}.jpg", "license": 1} for n in range(1, 21)],
    "annotations": [{"id": 100 + n, "image_id": n // 2, "bbox": [1.5, -2e1, n, 0]} for n in range(2, 42)],
    "categories": [{"id": 1, "name": 'pérson {"quoted"}, ]'}],
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "instances_train2017.json"
    path.write_text(json.dumps(WHOLE, indent=1))
    return path


@pytest.mark.parametrize("buffer_bytes", [1, 7, 64, 1 << 20])
def test_members_are_those_of_the_whole_file_for_any_buffer(file, monkeypatch, buffer_bytes):
    monkeypatch.setattr(coco, "_BUFFER_BYTES", buffer_bytes)
    with file.open("rb") as stream:
        members = {key: list(value) if isinstance(value, Iterator) else value for key, value in read_object(stream)}
    assert members == WHOLE
    assert list(members) == list(WHOLE)


def test_entries_that_are_not_consumed_are_skipped(file):
    with file.open("rb") as stream:
        assert [key for key, _ in read_object(stream)] == list(WHOLE)
    with file.open("rb") as stream:
        firsts = [next(value) for _, value in read_object(stream) if isinstance(value, Iterator)]
    assert firsts == [WHOLE[key][0] for key in ("licenses", "images", "annotations", "categories")]


def test_a_subset_is_the_same_file_with_fewer_images(file, tmp_path):
    write_subset(file, "train2017", tmp_path / "a" / "few.json", {3, 7})
    few = json.loads((tmp_path / "a" / "few.json").read_text())
    assert [image["id"] for image in few["images"]] == [3, 7]
    assert [entry["image_id"] for entry in few["annotations"]] == [3, 3, 7, 7]
    assert {key: few[key] for key in ("info", "licenses", "categories")} == {
        key: WHOLE[key] for key in ("info", "licenses", "categories")
    }


IMAGES = WHOLE["images"]
SUBSET = IMAGES[2:3]


@pytest.mark.parametrize(
    "whole",
    [
        {"images": IMAGES},
        {"images": IMAGES, "annotations": WHOLE["annotations"]},
        {"images": IMAGES, "annotations": [], "licenses": [], "info": {}, "categories": WHOLE["categories"]},
        {"info": {}, "licenses": [{"id": 1}, 2.5, None, [[]]], "images": IMAGES, "annotations": []},
        {"annotations": [], "version": 1, "checked": True, "note": None, "area": 0.1, "name": "x\n€", "images": IMAGES},
        {"images": IMAGES, "annotations": None, "segment_info": {"a": [1, {"b": []}]}},
    ],
    ids=["only images", "only lists", "empty lists", "no annotations", "values", "no list"],
)
def test_a_subset_has_every_key_of_its_source_in_order(tmp_path, whole):
    (tmp_path / "all.json").write_text(json.dumps(whole))
    write_subset(tmp_path / "all.json", "train2017", tmp_path / "few.json", {3})
    few = json.loads((tmp_path / "few.json").read_text())
    assert list(few) == list(whole)
    annotations = whole.get("annotations") and [entry for entry in whole["annotations"] if entry["image_id"] == 3]
    expected = whole | {"images": SUBSET} | ({"annotations": annotations} if "annotations" in whole else {})
    assert few == expected


def test_a_subset_without_images_is_the_file_with_empty_lists(file, tmp_path):
    write_subset(file, "train2017", tmp_path / "few.json", set())
    assert json.loads((tmp_path / "few.json").read_text()) == WHOLE | {"images": [], "annotations": []}


def test_images_are_named_by_the_published_archive(file, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(file, "annotations/instances_train2017.json")
    assert list(image_names(tmp_path / "all.zip", "train2017")) == list(image_names(file, "train2017"))
    with pytest.raises(BadInputError, match="val2017"):
        list(image_names(tmp_path / "all.zip", "val2017"))


@pytest.mark.parametrize(
    "text",
    ["", "[1, 2]", '{"images": [{"id": 1,', '{"images" [', '{"images": [}', "no json", '{"images": []} more', "{}}"],
)
def test_a_file_that_holds_no_annotations_is_rejected(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadInputError, match="cannot be read"):
        list(image_names(tmp_path / "a.json", "train2017"))


@pytest.mark.parametrize("image", [{"id": 1}, {"file_name": "a.jpg"}, 7, [1]])
def test_an_image_without_id_or_name_is_rejected(tmp_path, image):
    (tmp_path / "a.json").write_text(json.dumps({"images": [image]}))
    with pytest.raises(BadInputError, match="cannot be read: an entry has no"):
        list(image_names(tmp_path / "a.json", "train2017"))


def test_an_annotation_without_image_is_rejected(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"images": IMAGES, "annotations": [{"id": 1}]}))
    with pytest.raises(BadInputError, match="an entry has no 'image_id'"):
        write_subset(tmp_path / "a.json", "train2017", tmp_path / "few.json", {3})


def test_a_file_without_images_is_rejected(tmp_path):
    (tmp_path / "a.json").write_text('{"annotations": []}')
    with pytest.raises(BadInputError, match="names no images"):
        list(image_names(tmp_path / "a.json", "train2017"))


def test_a_file_that_is_no_archive_is_rejected(tmp_path):
    (tmp_path / "a.zip").write_text("<html>404</html>")
    with pytest.raises(BadInputError, match="Remove it"):
        list(image_names(tmp_path / "a.zip", "train2017"))
