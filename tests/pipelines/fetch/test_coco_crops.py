import io
import json

import numpy as np
import pytest
from PIL import Image

from atelier.data.download.archives import read_archive
from atelier.data.download.source import Source
from atelier.errors import BadInputError
from pipelines.fetch.photos import fetch
from pipelines.prepare.photos import prepare
from tests.helpers.data_settings import photos_fetch, photos_prepare
from tests.helpers.image_files import encode, random_image, write_folder

CATEGORIES = {1: "cat", 2: "traffic light", 3: "dog"}


def _annotation(number, image, category, box, **more):
    return {"id": number, "image_id": image, "category_id": category, "bbox": box, **more}


ANNOTATIONS = [
    _annotation(1, 7, 1, [10.2, 20, 40, 30.5]),
    _annotation(2, 7, 2, [0, 0, 60, 60]),
    _annotation(3, 8, 1, [90, 60, 40, 40]),  # to the edge of the photo
    _annotation(4, 8, 2, [5, 5, 30, 8]),  # too small
    _annotation(5, 8, 2, [5, 5, 30, 80], iscrowd=1),
    _annotation(6, 8, 3, [5, 5, 50, 50]),  # the only dog
    _annotation(7, 9, 2, [5, 5, 50, 50]),  # of a photo that is damaged
]


def _mirror(tmp_path, annotations=ANNOTATIONS):
    photos = {f"{number:03d}.jpg": encode(random_image(number, 100, 130), quality=95) for number in (7, 8)}
    photos["009.jpg"] = b"damaged"
    content = {
        "images": [{"id": int(name[:3]), "file_name": name} for name in photos],
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, name in CATEGORIES.items()],
    }
    files = {"annotations/instances_train2017.json": json.dumps(content).encode()}
    write_folder(tmp_path / "m" / "coco", files | {f"train2017/{name}": file for name, file in photos.items()})
    return str(tmp_path / "m")


def _fetch(tmp_path, annotations=ANNOTATIONS, items=None, **crops):
    mirror = _mirror(tmp_path, annotations)
    settings = photos_fetch(collection="coco_crops", source="mirror", mirror=mirror, items=items, crops=crops)
    return fetch(tmp_path / "raw", settings)


def _files(raw):
    return {member.name: member.read() for path in sorted(raw.glob("*.tar")) for member in read_archive(path)}


def _open(content):
    return np.asarray(Image.open(io.BytesIO(content)))


def test_each_large_box_of_an_object_is_a_photo_of_its_category(tmp_path) -> None:
    files = _files(_fetch(tmp_path, min_count=2))
    assert set(files) == {
        "cat/000000000007_1.png",
        "cat/000000000008_3.png",
        "traffic light/000000000007_2.png",
        "traffic light/000000000009_7.png",
    }
    photo = np.asarray(Image.open(io.BytesIO((tmp_path / "m/coco/train2017/007.jpg").read_bytes())))
    np.testing.assert_array_equal(_open(files["cat/000000000007_1.png"]), photo[20:51, 10:51])
    assert _open(files["cat/000000000008_3.png"]).shape == (40, 40, 3)
    assert files["traffic light/000000000009_7.png"] == b"", "preparation names it"


def test_a_margin_ends_at_the_edge_of_the_photo(tmp_path) -> None:
    files = _files(_fetch(tmp_path, margin=0.5))
    assert _open(files["traffic light/000000000007_2.png"]).shape == (90, 90, 3)
    assert _open(files["cat/000000000008_3.png"]).shape == (60, 60, 3)


def test_only_these_categories(tmp_path) -> None:
    assert {name.split("/")[0] for name in _files(_fetch(tmp_path, categories=["cat", "dog"]))} == {"cat", "dog"}


@pytest.mark.parametrize(
    ("crops", "sentence"),
    [
        ({"categories": ["cat", "traffic lights"]}, "did you mean traffic light"),
        ({"min_count": 3}, "at least 3 boxes of 16 pixels; there are"),
    ],
)
def test_categories_that_cannot_be_classes(tmp_path, crops, sentence) -> None:
    with pytest.raises(BadInputError, match=sentence):
        _fetch(tmp_path, **crops)


def test_changed_annotations_are_noticed_and_the_same_ones_change_nothing(tmp_path) -> None:
    raw = _fetch(tmp_path)
    before = next(raw.glob("*.tar")).stat().st_ino
    assert next(_fetch(tmp_path).glob("*.tar")).stat().st_ino == before
    more = [*ANNOTATIONS, _annotation(8, 7, 3, [30, 30, 50, 50])]
    assert "dog/000000000007_8.png" in _files(_fetch(tmp_path, more))


def test_sample_scenes_become_a_data_set_whose_photos_stay_on_one_side(tmp_path) -> None:
    settings = photos_fetch(
        collection="coco_crops", items=150, crops={"photos": 60, "min_count": 12, "min_side": 20}, side=128
    )
    raw = fetch(tmp_path / "raw", settings)
    assert Source.read(raw).request.kind == "sample"
    prepare_settings = photos_prepare(
        group=r"/(\d+)_\d+\.", checks={**photos_prepare().checks.model_dump(), "min_side": 16}
    )
    prepared = prepare(raw, tmp_path / "prepared", tmp_path / "reports", prepare_settings)
    assert len(prepared.manifest.labels) >= 2
    groups = {split: set(prepared.split(split)["group"][:].tolist()) for split in ("train", "test")}
    assert not groups["train"] & groups["test"]
