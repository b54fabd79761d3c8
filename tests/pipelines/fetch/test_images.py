import os
import sys
from functools import partial
from types import ModuleType

import pytest

from atelier.data.download.archives import archive_specs, read_archive
from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import SAMPLE_LICENCE, Source
from atelier.errors import BadInputError
from pipelines.fetch import coco, image_sets, images
from tests.helpers.data_settings import coco_fetch, images_fetch
from tests.helpers.image_files import write_folder

SAMPLE = images_fetch(source="sample", items=3, side=32)
HOLIDAY = images.ImageSource("holiday", licence="mine")


def _files(raw):
    return {member.name: member.read() for path in sorted(raw.glob("*.tar")) for member in read_archive(path)}


@pytest.fixture
def mirror(tmp_path):
    files = {f"{number}.jpg": b"photo %d" % number for number in range(20)}
    files |= {"2019/Beach.JPG": b"beach", "2019/café 1.png": b"cafe", "notes.txt": b"no image", "2019/thumbs.db": b""}
    write_folder(tmp_path / "mirror" / "holiday", files)
    return str(tmp_path / "mirror")


@pytest.mark.parametrize("fetch", [image_sets.fetch_landscapes, image_sets.fetch_van_gogh])
def test_sample_is_the_same_every_time(tmp_path, fetch):
    for name in ("one", "two"):
        fetch(tmp_path / name, SAMPLE)
    assert dvc_hash(tmp_path / "one") == dvc_hash(tmp_path / "two")
    assert list(_files(tmp_path / "one")) == ["000000.jpg", "000001.jpg", "000002.jpg"]
    other = fetch(tmp_path / "three", SAMPLE.model_copy(update={"seed": 9}))
    assert dvc_hash(other) != dvc_hash(tmp_path / "one")
    assert Source.read(other).request.licence == SAMPLE_LICENCE


def test_any_folder_of_images_with_folders_in_it(tmp_path, mirror):
    raw = images.fetch(tmp_path / "raw", images_fetch(source="mirror", mirror=mirror), HOLIDAY)
    files = _files(raw)
    assert len(files) == 22
    assert files["2019/Beach.JPG"] == b"beach"
    assert files["2019/café 1.png"] == b"cafe"
    request = Source.read(raw).request
    assert (request.dataset, request.kind, request.licence) == ("holiday", "mirror", "mine")


def test_the_home_folder_and_a_slash_at_the_end_are_the_same_mirror(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    spellings = ("~/mirror", "~/mirror/", f"{tmp_path}/mirror")
    assert {images_fetch(source="mirror", mirror=mirror).mirror for mirror in spellings} == {f"{tmp_path}/mirror"}
    assert images_fetch(source="mirror", mirror="s3://bucket/").mirror == "s3://bucket"


def test_a_mirrors_own_licence(tmp_path, mirror):
    settings = images_fetch(source="mirror", mirror=mirror, licence="CC0")
    assert Source.read(images.fetch(tmp_path / "raw", settings, HOLIDAY)).request.licence == "CC0"


def test_more_items_contain_fewer_and_new_files_are_detected(tmp_path, mirror):
    settings = images_fetch(source="mirror", mirror=mirror, items=5)
    few = _files(images.fetch(tmp_path / "raw", settings, HOLIDAY))
    more = _files(images.fetch(tmp_path / "raw", settings.model_copy(update={"items": 9}), HOLIDAY))
    assert (len(few), len(more)) == (5, 9)
    assert few.items() <= more.items()
    everything = settings.model_copy(update={"items": None})
    assert len(_files(images.fetch(tmp_path / "raw", everything, HOLIDAY))) == 22
    write_folder(tmp_path / "mirror" / "holiday", {"new.jpg": b"new"})
    assert _files(images.fetch(tmp_path / "raw", everything, HOLIDAY))["new.jpg"] == b"new"


def test_archives_that_stay_the_same_are_not_fetched_again(tmp_path, server, monkeypatch):
    monkeypatch.setattr(images, "archive_specs", partial(archive_specs, size=4))
    server.add_folder("/m/holiday", {f"{number}.jpg": b"photo" for number in range(12)})
    settings = images_fetch(source="mirror", mirror=f"{server.address}/m", items=8)
    images.fetch(tmp_path / "raw", settings, HOLIDAY)
    server.requested.clear()
    images.fetch(tmp_path / "raw", settings.model_copy(update={"items": 12}), HOLIDAY)
    assert len([path for path in server.requested if path.endswith(".jpg")]) == 4


def test_a_changed_photo_of_a_mirror_is_fetched_again_with_its_archive(tmp_path, mirror, monkeypatch):
    monkeypatch.setattr(images, "archive_specs", partial(archive_specs, size=4))
    settings = images_fetch(source="mirror", mirror=mirror)
    raw = images.fetch(tmp_path / "raw", settings, HOLIDAY)
    before = {path.name: path.stat().st_ino for path in raw.glob("*.tar")}
    write_folder(tmp_path / "mirror" / "holiday", {"7.jpg": b"other"})
    os.utime(tmp_path / "mirror" / "holiday" / "7.jpg", (1, 1))
    assert _files(images.fetch(raw, settings, HOLIDAY))["7.jpg"] == b"other"
    after = {path.name: path.stat().st_ino for path in raw.glob("*.tar")}
    assert before.keys() == after.keys()
    assert sum(before[name] != after[name] for name in before) == 1


def test_a_damaged_archive_is_fetched_again(tmp_path, mirror):
    settings = images_fetch(source="mirror", mirror=mirror)
    raw = images.fetch(tmp_path / "raw", settings, HOLIDAY)
    before = dvc_hash(raw)
    (archive,) = raw.glob("*.tar")
    archive.write_bytes(archive.read_bytes().replace(b"photo", b"PHOTO"))
    assert dvc_hash(images.fetch(raw, settings, HOLIDAY)) == before


def test_every_ending_of_jpeg_files_is_known(tmp_path, mirror):
    files = {f"in/{number}{ending}": b"x" for number, ending in enumerate([".jfif", ".JPG", ".jpe", ".JPEG", ".Jpg"])}
    write_folder(tmp_path / "mirror" / "holiday", files)
    raw = images.fetch(tmp_path / "raw", images_fetch(source="mirror", mirror=mirror), HOLIDAY)
    assert files.keys() <= _files(raw).keys()


@pytest.mark.parametrize("fetch", [coco.fetch, image_sets.fetch_landscapes, image_sets.fetch_van_gogh])
def test_a_folder_of_ones_own_stands_in_for_any_data_set(tmp_path, mirror, fetch, monkeypatch):
    make = coco_fetch if fetch is coco.fetch else images_fetch
    own = f"{mirror}/holiday/"
    raw = fetch(tmp_path / "raw", make(source="mirror", folder=own))
    assert len(_files(raw)) == 22
    request = Source.read(raw).request
    assert (request.kind, request.licence) == ("mirror", f"not stated: images of {own.rstrip('/')}")
    write_folder(tmp_path / "mirror" / "holiday", {"new.jpg": b"new", "._new.jpg": b"", "__MACOSX/new.jpg": b""})
    monkeypatch.setenv("HOME", mirror)
    few = fetch(tmp_path / "few", make(source="sample", folder="~/holiday", items=5, licence="mine"))
    assert len(_files(few)) == 5
    assert Source.read(few).request.licence == "mine"
    assert len(_files(fetch(tmp_path / "raw", make(source="origin", folder=own)))) == 23


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (images_fetch(source="mirror", mirror="/nowhere/at/all"), "no folder"),
        (SAMPLE, "no sample data of holiday: set holiday.fetch.source"),
        (images_fetch(source="origin"), "no publisher that is known: set holiday.fetch.source"),
    ],
)
def test_a_source_that_does_not_exist(tmp_path, settings, sentence):
    with pytest.raises(BadInputError, match=sentence):
        images.fetch(tmp_path / "raw", settings, HOLIDAY)


def test_a_folder_without_an_image(tmp_path):
    write_folder(tmp_path / "mirror" / "holiday", {"notes.txt": b"no image"})
    with pytest.raises(BadInputError, match="holds no file"):
        images.fetch(tmp_path / "raw", images_fetch(source="mirror", mirror=str(tmp_path / "mirror")), HOLIDAY)


def test_kaggle_is_called_once(tmp_path, monkeypatch):
    requested = []

    def dataset_download(handle):
        requested.append(handle)
        return str(write_folder(tmp_path / "cache", {"Arles/a.jpg": b"a", "Paris/b.png": b"b"}))

    fake = ModuleType("kagglehub")
    fake.dataset_download = dataset_download
    monkeypatch.setitem(sys.modules, "kagglehub", fake)
    for _ in range(2):
        raw = image_sets.fetch_van_gogh(tmp_path / "raw", images_fetch(source="origin"))
    assert requested == ["ipythonx/van-gogh-paintings"]
    assert _files(raw) == {"Arles/a.jpg": b"a", "Paris/b.png": b"b"}
    assert Source.read(raw).request.address == "kaggle.com/datasets/ipythonx/van-gogh-paintings"


@pytest.mark.parametrize("wrong", [{"source": "mirror"}, {"source": "sample"}, {"source": "origin", "items": 0}])
def test_inconsistent_settings_are_rejected(wrong):
    with pytest.raises(ValueError):
        images_fetch(**wrong)
