import os

import numpy as np
import pytest

from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.samples import doodles
from atelier.errors import BadInputError
from pipelines.fetch.quickdraw import all_categories, fetch
from tests.helpers.data_settings import quickdraw_fetch

SAMPLE = quickdraw_fetch(source="sample", categories=("sun", "clock"), items_per_category=20)


@pytest.fixture
def mirror(tmp_path):
    folder = tmp_path / "mirror" / "quickdraw" / "numpy_bitmap"
    folder.mkdir(parents=True)
    for name in ("cat", "dog", "alarm clock"):
        np.save(folder / f"{name}.npy", np.full((3, 784), 7, np.uint8))
    return str(tmp_path / "mirror")


def test_sample_is_the_same_every_time(tmp_path):
    for name in ("one", "two"):
        fetch(tmp_path / name, SAMPLE)
    assert dvc_hash(tmp_path / "one") == dvc_hash(tmp_path / "two")
    source = Source.read(tmp_path / "one")
    assert list(source.files) == ["clock.ndjson", "sun.ndjson"]
    assert source.request.parameters["categories"] == ["clock", "sun"]


def test_all_categories_of_a_mirror(tmp_path, mirror):
    settings = quickdraw_fetch(source="mirror", mirror=mirror, format="numpy_bitmap")
    folder = fetch(tmp_path / "raw", settings)
    assert {path.name for path in folder.glob("*.npy")} == {"alarm clock.npy", "cat.npy", "dog.npy"}


def test_category_that_the_mirror_lacks(tmp_path, mirror, caplog):
    settings = quickdraw_fetch(source="mirror", mirror=mirror, format="numpy_bitmap", categories=("cat", "clock"))
    fetch(tmp_path / "raw", settings)
    source = Source.read(tmp_path / "raw")
    assert list(source.problems) == ["clock.npy"]
    assert source.request.parameters["categories"] == ["cat", "clock"]
    assert "no category 'clock'; did you mean 'alarm clock'" in caplog.text
    assert mirror in caplog.text


def test_nothing_but_misspelt_categories(tmp_path):
    settings = quickdraw_fetch(source="origin", format="numpy_bitmap", categories=("alarm-clock",))
    with pytest.raises(BadInputError, match="did you mean 'alarm clock'"):
        fetch(tmp_path / "raw", settings)


def test_fewer_categories_and_other_numbers_download_no_array_again(tmp_path, mirror):
    settings = quickdraw_fetch(source="mirror", mirror=mirror, format="numpy_bitmap")
    fetch(tmp_path / "raw", settings)
    before = (tmp_path / "raw" / "cat.npy").stat().st_ino
    for change in ({"categories": ("cat", "dog")}, {"items_per_category": 2}, {"categories": ("cat",)}):
        folder = fetch(tmp_path / "raw", settings.model_copy(update=change))
        assert (folder / "cat.npy").stat().st_ino == before
        assert Source.read(folder).request.parameters["items_per_category"] == change.get("items_per_category")
    assert {path.name for path in folder.iterdir()} == {"cat.npy", "SOURCE.json"}


@pytest.mark.parametrize("categories", ["all", ("alarm clock", "cat")])
def test_mirror_behind_an_index_page(tmp_path, server, categories):
    files = {"alarm clock.ndjson.gz": b"packed", "cat.ndjson": b"plain\n"}
    server.add_folder("/m/quickdraw/raw", files)
    settings = quickdraw_fetch(source="mirror", mirror=f"{server.address}/m/", format="raw", categories=categories)
    folder = fetch(tmp_path / "raw", settings)
    assert {name: (folder / name).read_bytes() for name in files} == files
    assert not Source.read(folder).problems


def test_each_category_is_requested_from_a_mirror_that_cannot_be_listed(tmp_path, server):
    server.files["/m/quickdraw/raw/alarm clock.ndjson"] = b"plain\n"
    settings = quickdraw_fetch(source="mirror", mirror=f"{server.address}/m", format="raw", categories=("alarm clock",))
    assert (fetch(tmp_path / "raw", settings) / "alarm clock.ndjson").read_bytes() == b"plain\n"
    server.requested.clear()
    fetch(tmp_path / "raw", settings)
    assert not server.requested
    with pytest.raises(BadInputError, match="cannot be listed"):
        fetch(tmp_path / "raw", settings.model_copy(update={"categories": "all"}))


def test_a_changed_generator_makes_the_sample_again(tmp_path, monkeypatch):
    folder = fetch(tmp_path / "raw", SAMPLE)
    before = (folder / "sun.ndjson").stat().st_ino
    assert (fetch(folder, SAMPLE) / "sun.ndjson").stat().st_ino == before
    monkeypatch.setattr(doodles, "VERSION", doodles.VERSION + 1)
    fetch(folder, SAMPLE)
    assert Source.read(folder).request.parameters["generator"] == doodles.VERSION


def test_a_mirror_that_does_not_exist(tmp_path):
    settings = quickdraw_fetch(source="mirror", mirror=str(tmp_path / "nowhere"), format="numpy_bitmap")
    with pytest.raises(BadInputError, match="cannot be listed"):
        fetch(tmp_path / "raw", settings)


@pytest.mark.parametrize("categories", ["all", ("cat", "dog")])
def test_a_changed_file_of_a_mirror_is_fetched_again(tmp_path, mirror, categories):
    settings = quickdraw_fetch(source="mirror", mirror=mirror, format="numpy_bitmap", categories=categories)
    folder = fetch(tmp_path / "raw", settings)
    kept = (folder / "dog.npy").stat().st_ino
    changed = tmp_path / "mirror/quickdraw/numpy_bitmap/cat.npy"
    np.save(changed, np.full((3, 784), 9, np.uint8))
    os.utime(changed, (1, 1))
    fetch(folder, settings)
    assert (np.load(folder / "cat.npy") == 9).all()
    assert (folder / "dog.npy").stat().st_ino == kept


@pytest.mark.parametrize("categories", ["all", ("cat", "dog")])
def test_a_changed_file_of_a_mirror_on_the_web_is_fetched_again(tmp_path, server, categories):
    server.add_folder("/m/quickdraw/raw", {"cat.ndjson": b"one\n", "dog.ndjson": b"one\n"})
    settings = quickdraw_fetch(source="mirror", mirror=f"{server.address}/m", format="raw", categories=categories)
    folder = fetch(tmp_path / "raw", settings)
    server.files["/m/quickdraw/raw/cat.ndjson"] = b"two\n"
    server.requested.clear()
    fetch(folder, settings)
    assert [path for path in server.requested if path.endswith("json")] == ["/m/quickdraw/raw/cat.ndjson"]
    assert (folder / "cat.ndjson").read_bytes() == b"two\n"


def test_a_mirror_that_does_not_answer_is_not_needed_for_what_was_fetched(tmp_path, server, caplog):
    server.files["/m/quickdraw/raw/cat.ndjson"] = b"plain\n"
    settings = quickdraw_fetch(source="mirror", mirror=f"{server.address}/m", format="raw", categories=("cat",))
    folder = fetch(tmp_path / "raw", settings)
    server.close()
    assert (fetch(folder, settings) / "cat.ndjson").read_bytes() == b"plain\n"
    assert "cannot be checked" in caplog.text


def test_no_link_of_a_mirror_writes_outside_of_the_raw_folder(tmp_path, server):
    links = ["cat.npy", "..%2F..%2Fout.npy", "%2e%2e%2f%2e%2e%2fout.npy", "..%5C..%5Cout.npy"]
    server.add_index("/m/quickdraw/numpy_bitmap", links)
    for path in ("cat.npy", "../../out.npy", "..\\..\\out.npy"):
        server.files[f"/m/quickdraw/numpy_bitmap/{path}"] = b"x"
    settings = quickdraw_fetch(source="mirror", mirror=f"{server.address}/m", format="numpy_bitmap")
    fetch(tmp_path / "deep" / "er" / "raw", settings)
    assert [path.name for path in tmp_path.rglob("*.npy")] == ["cat.npy"]


def test_names_of_files_become_categories(tmp_path, caplog):
    names = ("no. 1.npy", "no. 2.npy", "full_numpy_bitmap_cat.npy", "._cat.npy", "full_numpy_bitmap_dog.npy", "dog.npy")
    folder = tmp_path / "mirror" / "quickdraw" / "numpy_bitmap"
    folder.mkdir(parents=True)
    for name in names:
        np.save(folder / name, np.full((3, 784), 7, np.uint8))
    raw = fetch(
        tmp_path / "raw", quickdraw_fetch(source="mirror", mirror=str(tmp_path / "mirror"), format="numpy_bitmap")
    )
    assert Source.read(raw).request.parameters["categories"] == ["cat", "dog", "no. 1", "no. 2"]
    assert {path.name for path in raw.glob("*.npy")} == {*names} - {"._cat.npy", "full_numpy_bitmap_dog.npy"}
    assert "Several files are of dog: dog.npy, full_numpy_bitmap_dog.npy. The first is used." in caplog.text


def test_files_of_a_mirror_are_limited_to_the_requested_lines(tmp_path):
    fetch(tmp_path / "m" / "quickdraw" / "simplified", SAMPLE)
    settings = quickdraw_fetch(source="mirror", mirror=str(tmp_path / "m"), items_per_category=5, categories=("sun",))
    folder = fetch(tmp_path / "raw", settings)
    assert (folder / "sun.ndjson").read_text().count("\n") == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "sample", "format": "raw", "items_per_category": 5},
        {"source": "sample"},
        {"source": "origin", "categories": ("cat", "cat")},
        {"source": "origin", "items_per_category": 0},
        {"source": "ftp"},
    ],
)
def test_inconsistent_settings_are_rejected(wrong):
    with pytest.raises(ValueError):
        quickdraw_fetch(**wrong)


def test_all_published_categories_are_known():
    assert len(all_categories()) == 345
    assert {"alarm clock", "The Mona Lisa", "zigzag"} <= set(all_categories())
