import json
import zipfile

import pytest

from atelier.data.ingest import coco
from atelier.data.ingest.coco import entries, image_names, write_subset
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


@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 20])
def test_entries_are_those_of_the_whole_file_however_it_is_cut(file, monkeypatch, piece):
    monkeypatch.setattr(coco, "_PIECE", piece)
    read = {}
    with file.open() as text:
        for key, value, in_list in entries(text):
            if in_list:
                read.setdefault(key, []).append(value)
            else:
                read[key] = value
    assert read == WHOLE


def test_a_subset_is_the_same_file_with_fewer_images(file, tmp_path):
    write_subset(file, "train2017", tmp_path / "a" / "few.json", {3, 7})
    few = json.loads((tmp_path / "a" / "few.json").read_text())
    assert [image["id"] for image in few["images"]] == [3, 7]
    assert [entry["image_id"] for entry in few["annotations"]] == [3, 3, 7, 7]
    assert {key: few[key] for key in ("info", "licenses", "categories")} == {
        key: WHOLE[key] for key in ("info", "licenses", "categories")
    }


def test_images_are_named_by_the_published_archive(file, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(file, "annotations/instances_train2017.json")
    assert list(image_names(tmp_path / "all.zip", "train2017")) == list(image_names(file, "train2017"))
    with pytest.raises(BadInputError, match="val2017"):
        list(image_names(tmp_path / "all.zip", "val2017"))


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"images": [{"id": 1,', '{"images" [', '{"images": [}', "no json"])
def test_what_is_no_annotation_file_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadInputError, match="cannot be read"):
        list(image_names(tmp_path / "a.json", "train2017"))


def test_a_file_without_images_is_refused(tmp_path):
    (tmp_path / "a.json").write_text('{"annotations": []}')
    with pytest.raises(BadInputError, match="names no images"):
        list(image_names(tmp_path / "a.json", "train2017"))


def test_an_archive_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.zip").write_text("<html>404</html>")
    with pytest.raises(BadInputError, match="Remove it"):
        list(image_names(tmp_path / "a.zip", "train2017"))
