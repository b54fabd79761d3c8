import contextlib
import json

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from atelier.data.prepared.dataset import SPLITS
from atelier.data.samples import faces
from atelier.errors import BadInputError
from atelier.preprocessing.images import Rejected
from atelier.preprocessing.spec import FaceInput
from pipelines.fetch.face_networks import FaceDetectorFetch, fetch_detector
from pipelines.fetch.faces import fetch
from pipelines.prepare.faces import prepare
from tests.helpers.data_settings import faces_fetch, faces_prepare
from tests.helpers.image_files import encode, random_image, write_folder

PATTERN = r"^(?P<age>[0-9]+)_(?P<gender>[01])_"


def detector(tmp_path, network="none", source="sample"):
    return fetch_detector(tmp_path / "detector", FaceDetectorFetch(network=network, source=source, mirror=None))


def prepared_from(tmp_path, files, **settings):
    write_folder(tmp_path / "own", files)
    raw = fetch(tmp_path / "raw", faces_fetch(folder=str(tmp_path / "own")))
    changed = faces_prepare(**settings)
    return prepare(raw, tmp_path / "prepared", tmp_path / "reports", changed, detector(tmp_path))


def quarantine(tmp_path):
    lines = (tmp_path / "reports" / "quarantine.jsonl").read_text().splitlines()
    return {case["file"]: case["reason"] for case in map(json.loads, lines)}


def everything(data, field):
    return np.concatenate([data.split(split)[field][:] for split in SPLITS])


def table(rows) -> bytes:
    return "\n".join(["file,age,gender", *(f"{name},{age},{gender}" for name, age, gender in rows), ""]).encode()


def others(count=20):
    """Images that look like no other."""
    return {f"images/{number}.jpg": encode(random_image(number)) for number in range(count)}


def test_sample_faces_keep_what_was_drawn(tmp_path) -> None:
    raw = fetch(tmp_path / "raw", faces_fetch(items=40, seed=2))
    settings = faces_prepare(size=64, near_duplicate_bits=12)
    data = prepare(raw, tmp_path / "prepared", tmp_path / "reports", settings, detector(tmp_path))
    assert data.manifest.attributes == faces.Attributes._fields
    assert data.manifest.preprocessing.kind == "face"
    assert "nobody" in data.manifest.intended_use
    attributes, images = everything(data, "attributes"), everything(data, "image")
    assert attributes.dtype == np.float32
    assert images.shape == (40, 64, 64, 3)
    hair = images[:, 2:3, 30:34].mean(axis=(1, 2, 3))  # grays with age
    assert np.corrcoef(hair, attributes[:, 0])[0, 1] > 0.95


def test_attributes_of_a_table_and_none_without_one(tmp_path) -> None:
    files = others()
    rows = [(name.removeprefix("images/"), 20 + number, number % 2) for number, name in enumerate(files)]
    data = prepared_from(tmp_path / "a", files | {"attributes.csv": table(rows[:-1])})
    ages = everything(data, "attributes")[:, 0]
    assert sorted(ages[np.isfinite(ages)]) == [20 + number for number in range(19)]
    assert np.isnan(ages).sum() == 1
    without = prepared_from(tmp_path / "b", files)
    assert without.manifest.attributes == ()
    assert "attributes" not in without.split("train")


def test_other_names_of_attributes_are_other_data(tmp_path) -> None:
    rows = table([("0.jpg", 30, 1)])
    one = prepared_from(tmp_path / "a", others() | {"attributes.csv": rows})
    renamed = prepared_from(tmp_path / "b", others() | {"attributes.csv": rows.replace(b"gender", b"glasses")})
    assert one.manifest.split_hashes["train"] != renamed.manifest.split_hashes["train"]


def test_copies_with_conflicting_labels_are_dropped_and_reported(tmp_path) -> None:
    """The layout of UTKFace, where one photo occurs under several names: the names are the labels."""
    photo, second = encode(random_image(900)), random_image(901)
    files = others() | {
        "images/60_1_0_a.jpg": photo,
        "images/70_0_1_b.jpg": photo,
        "images/30_1_0_c.jpg": encode(second),
        "images/31_1_0_d.jpg": encode(second.resize((86, 72))),
        "images/35_1_0_truncated.jpg": encode(random_image(902))[:2000],
    }
    data = prepared_from(tmp_path, files, names=PATTERN, max_bad_fraction=0.1)
    assert quarantine(tmp_path) == {
        "images/60_1_0_a.jpg": "conflicting label",
        "images/70_0_1_b.jpg": "conflicting label",
        "images/31_1_0_d.jpg": "near duplicate",
        "images/35_1_0_truncated.jpg": "truncated file",
    }
    assert data.manifest.rejected["conflicting label"] == 2
    assert data.manifest.attributes == ("age", "gender")


def test_a_missing_label_conflicts_with_none(tmp_path) -> None:
    photo = random_image(900)
    files = others() | {"images/x.jpg": encode(photo), "images/y.jpg": encode(photo, quality=40)}
    prepared_from(tmp_path, files | {"attributes.csv": table([("x.jpg", 30, 1)])})
    assert sorted(quarantine(tmp_path).values()) == ["near duplicate"]


def test_images_that_look_alike_are_never_on_two_sides(tmp_path) -> None:
    """Every image has a copy of another quality; one of each pair is left, and no image of another split is like it."""
    files = {}
    for number in range(90):
        for quality in (90, 35):
            files[f"images/{number}_{quality}.jpg"] = encode(random_image(number), quality=quality)
    data = prepared_from(tmp_path, files)
    images = everything(data, "image").reshape(-1, 32 * 32 * 3).astype(int)
    assert len(images) == 90
    distance = np.abs(images[:, None] - images[None]).mean(axis=2) + 255 * np.eye(90)
    assert distance.min() > 10


def test_cells_that_are_no_numbers_are_reported_without_losing_the_image(tmp_path) -> None:
    data = prepared_from(tmp_path, others() | {"attributes.csv": table([("0.jpg", "old", 1), ("1.jpg", 30, 0)])})
    assert quarantine(tmp_path) == {"attributes.csv": "not a number"}
    assert len(everything(data, "image")) == 20


def test_alignment_by_the_eyes_needs_a_detector(tmp_path) -> None:
    face = faces_prepare().face.model_dump() | {"alignment": "eyes"}
    with pytest.raises(BadInputError, match=r"set face_detector\.fetch\.network to blazeface"):
        prepared_from(tmp_path, others(), face=face)


@pytest.mark.parametrize("pattern", ["(", "^([0-9]+)_"])
def test_a_pattern_without_attributes(pattern) -> None:
    with pytest.raises(ValidationError, match=r"is not a regular expression|has no named group"):
        faces_prepare(names=pattern)


@pytest.mark.mirror
def test_the_dirty_folder_of_the_mirror(tmp_path, mirror) -> None:
    files = {f"images/{path.name}": path.read_bytes() for path in (mirror / "faces_dirty" / "images").iterdir()}
    prepared_from(tmp_path, others() | files, names=PATTERN, max_bad_fraction=0.1)
    assert {name.removeprefix("images/")[:5]: reason for name, reason in quarantine(tmp_path).items()} == {
        "60_1_": "conflicting label",
        "70_0_": "conflicting label",
        "35_1_": "truncated file",
    }


@pytest.mark.mirror
def test_images_without_faces_are_not_taken_for_faces(tmp_path, mirror) -> None:
    try:
        found = detector(tmp_path, "blazeface", "package")
    except BadInputError as error:
        pytest.skip(str(error))
    spec = FaceInput(size=(64, 64), **(faces_prepare().face.model_dump() | {"alignment": "eyes"}))
    aligner, taken = found.aligner(spec), []
    for path in [
        *sorted((mirror / "landscapes").glob("*.jpg"))[:80],
        *sorted((mirror / "scenes").glob("*/*.jpg"))[::9],
    ]:
        with contextlib.suppress(Rejected):
            aligner(path.read_bytes(), 64, 10**8)
            taken.append(path.name)
    assert taken == []


@pytest.mark.mirror
def test_real_faces_are_aligned(tmp_path, mirror) -> None:
    try:
        found = detector(tmp_path, "blazeface", "package")
    except BadInputError as error:
        pytest.skip(str(error))
    raw = fetch(tmp_path / "raw", faces_fetch(source="mirror", mirror=str(mirror), items=60))
    face = faces_prepare().face.model_dump() | {"alignment": "eyes"}
    settings = faces_prepare(size=64, face=face, max_bad_fraction=0.2)
    data = prepare(raw, tmp_path / "prepared", tmp_path / "reports", settings, found)
    images = everything(data, "image")
    assert len(images) > 50
    mean = np.asarray(Image.fromarray(images.mean(axis=0).astype(np.uint8)).convert("L"), int)
    eyes, forehead = mean[17:22, [18, 19, 44, 45]].mean(), mean[8:13, 24:40].mean()
    assert eyes < forehead - 30  # aligned eyes stay dark in the mean face
