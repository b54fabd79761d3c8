import numpy as np
import pytest

from atelier.data.sources import Source
from atelier.data.versioning import dvc_hash
from atelier.errors import BadInputError
from pipelines.fetch.quickdraw import all_categories, fetch
from pipelines.fetch.settings import QuickdrawFetch

SAMPLE = QuickdrawFetch(source="sample", categories=("sun", "clock"), items_per_category=20)


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


def test_everything_that_a_mirror_has(tmp_path, mirror):
    settings = QuickdrawFetch(source="mirror", mirror=mirror, format="numpy_bitmap")
    folder = fetch(tmp_path / "raw", settings)
    assert {path.name for path in folder.glob("*.npy")} == {"alarm clock.npy", "cat.npy", "dog.npy"}


def test_category_that_the_mirror_lacks(tmp_path, mirror):
    settings = QuickdrawFetch(source="mirror", mirror=mirror, format="numpy_bitmap", categories=("cat", "clock"))
    with pytest.raises(BadInputError, match="lacks 'clock'; did you mean") as error:
        fetch(tmp_path / "raw", settings)
    assert mirror in str(error.value)
    assert list(Source.read(tmp_path / "raw").problems) == ["clock.npy"]


def test_misspelt_category_names_the_nearest(tmp_path):
    settings = QuickdrawFetch(source="origin", format="numpy_bitmap", categories=("alarm-clock",))
    with pytest.raises(BadInputError, match="did you mean 'alarm clock'"):
        fetch(tmp_path / "raw", settings)


def test_mirror_that_is_not_there(tmp_path):
    settings = QuickdrawFetch(source="mirror", mirror=str(tmp_path / "nowhere"), format="numpy_bitmap")
    with pytest.raises(BadInputError, match="cannot be listed"):
        fetch(tmp_path / "raw", settings)


def test_limited_mirror_files_are_cut(tmp_path):
    fetch(tmp_path / "m" / "quickdraw" / "simplified", SAMPLE)
    settings = QuickdrawFetch(source="mirror", mirror=str(tmp_path / "m"), items_per_category=5, categories=("sun",))
    folder = fetch(tmp_path / "raw", settings)
    assert (folder / "sun.ndjson").read_text().count("\n") == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "mirror"},
        {"source": "sample", "format": "raw", "items_per_category": 5},
        {"source": "sample"},
        {"source": "origin", "categories": ("cat", "cat")},
        {"source": "origin", "items_per_category": 0},
        {"source": "ftp"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(ValueError):
        QuickdrawFetch(**wrong)


def test_all_published_categories_are_known():
    assert len(all_categories()) == 345
    assert {"alarm clock", "The Mona Lisa", "zigzag"} <= set(all_categories())
