import json
import logging

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from atelier.data.content_hash import as_hashes, digest_of
from atelier.data.prepared.dataset import SPLITS
from atelier.data.prepared.splits import Fractions, assign
from atelier.errors import BadInputError
from atelier.preprocessing.spec import PhotoInput
from pipelines.fetch.photos import fetch
from pipelines.prepare.photos import prepare
from tests.helpers.data_settings import photos_fetch, photos_prepare
from tests.helpers.image_files import encode, random_image, write_folder


def _files(names=("cat", "dog", "红"), count=12, first=0):
    return {
        f"{name}/{number:03d}.jpg": encode(random_image(first + 100 * index + number))
        for index, name in enumerate(names)
        for number in range(count)
    }


def _prepare(tmp_path, files, **settings):
    write_folder(tmp_path / "own", files)
    raw = fetch(tmp_path / "raw", photos_fetch(folder=str(tmp_path / "own"), items=None))
    return prepare(raw, tmp_path / "prepared", tmp_path / "reports", photos_prepare(**settings))


def _quarantine(tmp_path):
    lines = (tmp_path / "reports" / "quarantine.jsonl").read_text().splitlines()
    return {case["file"]: case for case in map(json.loads, lines)}


def _all(prepared, field):
    return np.concatenate([prepared.split(split)[field][:] for split in SPLITS])


def test_the_first_folder_is_the_class_in_any_script(tmp_path) -> None:
    files = _files() | {"cat/2019/05/deep.jpg": encode(random_image(990))}
    prepared = _prepare(tmp_path, files)
    assert prepared.manifest.labels == ("cat", "dog", "红")
    counts = {name: sum(split[name] for split in prepared.manifest.counts.values()) for name in ("cat", "dog", "红")}
    assert counts == {"cat": 13, "dog": 12, "红": 12}
    assert len(_all(prepared, "label")) == len(_all(prepared, "group")) == 37


def test_labels_belong_to_their_photos(tmp_path) -> None:
    files = {}
    for number in range(30):
        files[f"dark/{number}.png"] = encode(random_image(number).point(lambda value: value // 3), "PNG")
        files[f"light/{number}.png"] = encode(random_image(100 + number).point(lambda value: 170 + value // 3), "PNG")
    prepared = _prepare(tmp_path, files)
    bright = _all(prepared, "image").mean(axis=(1, 2, 3)) > 127
    assert np.array_equal(bright, _all(prepared, "label") == 1)


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_the_card_says_how_photos_became_square(tmp_path, fit) -> None:
    files = {}
    for number in range(24):
        photo = Image.new("RGB", (160, 80), "white")
        photo.paste(random_image(number, 80, 80).point(lambda value: value // 2), (40, 0))  # the largest centred square
        files[f"{'ab'[number % 2]}/{number}.png"] = encode(photo, "PNG")
    prepared = _prepare(tmp_path, files, fit=fit)
    assert prepared.manifest.preprocessing == PhotoInput(size=(32, 32), fit=fit)
    left_edge = _all(prepared, "image")[:, :, 0]
    assert (left_edge.mean() > 250) == (fit == "pad")


def test_a_group_is_never_split_and_a_class_is_part_of_its_name(tmp_path) -> None:
    """Left and right views of one render."""
    files = {
        f"{name}/{number:03d}{side}.jpg": encode(random_image(1000 * index + 10 * number + (side == "R")))
        for index, name in enumerate(("a", "b"))
        for number in range(30)
        for side in "LR"
    }
    prepared = _prepare(tmp_path, files, group=r"^(.*/\d+)[LR]\.")
    groups = {split: set(prepared.split(split)["group"][:].tolist()) for split in SPLITS}
    assert sum(map(len, groups.values())) == 60
    assert not groups["train"] & groups["test"]
    assert not groups["train"] & groups["val"]
    assert min(map(len, groups.values())) > 1
    values, counts = np.unique(_all(prepared, "group"), return_counts=True)
    assert len(values) == 60
    assert set(counts) == {2}


def test_groups_with_photos_that_look_alike_stay_together(tmp_path) -> None:
    """Ten groups of three, each joined with the next by a near duplicate of another quality."""
    files = {}
    for number in range(20):
        for part in range(3):
            files[f"{'ab'[number % 2]}/{number:02d}_{part}.jpg"] = encode(random_image(10 * number + part))
    for number in range(0, 20, 4):  # the same photo in a group of the same class
        copy = encode(random_image(10 * number), quality=60)
        files[f"a/{number + 2:02d}_copy.jpg"] = copy
    prepared = _prepare(tmp_path, files, group=r"^(.*)_")
    values, counts = np.unique(_all(prepared, "group"), return_counts=True)
    assert sorted(counts) == [3] * 10 + [6] * 5
    assert len(values) == 15


def test_a_photo_in_two_classes_is_in_neither(tmp_path) -> None:
    same = random_image(5000, 96, 96)
    files = _files() | {"cat/x.jpg": encode(same, quality=95), "dog/y.jpg": encode(same, quality=40)}
    prepared = _prepare(tmp_path, files)
    assert len(_all(prepared, "label")) == 36
    cases = _quarantine(tmp_path)
    assert {cases["cat/x.jpg"]["reason"], cases["dog/y.jpg"]["reason"]} == {"conflicting label"}


def test_a_class_with_one_photo(tmp_path) -> None:
    """The photo is not in the training split, so that nothing is left to learn from."""
    tested = next(
        content
        for content in (encode(random_image(7000 + number)) for number in range(30))
        if assign(as_hashes([digest_of(content)])[:, 1], Fractions(val=0.25, test=0.25))[0] != 0
    )
    with pytest.raises(BadInputError, match=r"No photo to learn from is left of rare \(1 photos in all\)"):
        _prepare(tmp_path, _files(("cat", "dog")) | {"rare/1.jpg": tested})
    assert not (tmp_path / "prepared").exists()


def test_rare_classes_are_named(tmp_path, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        _prepare(tmp_path, _files(("cat", "dog"), 40) | _files(("rare",), 9, first=3000))
    assert "Few photos to learn from" in caplog.text
    assert "rare (" in caplog.text
    assert "cat (" not in caplog.text


def test_a_pattern_may_name_the_class(tmp_path) -> None:
    files = {name.replace("/", " 3003 "): content for name, content in _files().items()}
    assert _prepare(tmp_path, files, label=r"^(\w+) \d+").manifest.labels == ("cat", "dog", "红")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (_files(("cat",)), "at least two classes; there is cat"),
        ({f"all/{name}": content for name, content in _files().items()}, "at least two classes; there is all"),
        (_files() | {"loose.jpg": encode(random_image(1))}, "loose.jpg is in no folder"),
    ],
)
def test_folders_that_are_no_classes(tmp_path, files, sentence) -> None:
    with pytest.raises(BadInputError, match=sentence):
        _prepare(tmp_path, files)


def test_a_broken_pattern_is_an_error_of_the_parameters() -> None:
    with pytest.raises(ValidationError, match="not a regular expression"):
        photos_prepare(group="(")


def test_uneven_classes_are_named(tmp_path, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        _prepare(tmp_path / "uneven", _files(("cat",), 90) | _files(("dog",), 20, first=3000))
    assert "Uneven classes" in caplog.text
    assert "of cat" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        _prepare(tmp_path / "even", _files(("cat", "dog"), 30))
    assert "Uneven" not in caplog.text
