import csv

import pytest

from atelier.data.download.archives import read_archive
from atelier.data.download.source import Source
from atelier.data.samples import faces
from atelier.errors import BadInputError
from pipelines.fetch.faces import fetch
from tests.helpers.data_settings import faces_fetch
from tests.helpers.image_files import encode, random_image, write_folder

TABLE = b"file,age\n0.jpg,30\n1.jpg,40\n"


def _files(count=2):
    return {f"images/{number}.jpg": encode(random_image(number)) for number in range(count)}


def _names(folder):
    return sorted(member.name for path in folder.glob("*.tar") for member in read_archive(path))


def test_sample_faces_have_a_table_of_what_was_drawn(tmp_path) -> None:
    folder = fetch(tmp_path / "raw", faces_fetch(items=3, seed=4))
    assert _names(folder) == [f"images/00000{number}.jpg" for number in range(3)]
    with (folder / "attributes.csv").open() as file:
        rows = {row.pop("file"): row for row in csv.DictReader(file)}
    assert {name: float(value) for name, value in rows["000002.jpg"].items()} == faces.attributes(4, 2)._asdict()
    assert "nobody" in Source.read(folder).request.intended_use


def test_images_and_table_of_a_mirror(tmp_path) -> None:
    write_folder(tmp_path / "mirror" / "faces", _files() | {"attributes.csv": TABLE})
    settings = faces_fetch(source="mirror", mirror=str(tmp_path / "mirror"))
    folder = fetch(tmp_path / "raw", settings)
    assert _names(folder) == ["images/0.jpg", "images/1.jpg"]
    assert (folder / "attributes.csv").read_bytes() == TABLE
    request = Source.read(folder).request
    assert "non-commercial" in request.licence
    assert "guessing anybody's age" in request.intended_use


def test_a_changed_table_is_fetched_again(tmp_path) -> None:
    write_folder(tmp_path / "mirror" / "faces", _files() | {"attributes.csv": TABLE})
    settings = faces_fetch(source="mirror", mirror=str(tmp_path / "mirror"))
    fetch(tmp_path / "raw", settings)
    changed = TABLE.replace(b"40", b"41.5")
    (tmp_path / "mirror" / "faces" / "attributes.csv").write_bytes(changed)
    assert (fetch(tmp_path / "raw", settings) / "attributes.csv").read_bytes() == changed


def test_a_folder_of_ones_own_needs_no_table_and_says_its_own_licence_and_use(tmp_path) -> None:
    write_folder(tmp_path / "own", _files())
    own = faces_fetch(folder=str(tmp_path / "own"), licence="ours", intended_use="tests")
    folder = fetch(tmp_path / "raw", own)
    assert not (folder / "attributes.csv").exists()
    request = Source.read(folder).request
    assert (request.licence, request.intended_use) == ("ours", "tests")


def test_a_data_set_at_kaggle_must_be_named(tmp_path, monkeypatch) -> None:
    with pytest.raises(BadInputError, match=r"set faces\.fetch\.kaggle"):
        fetch(tmp_path / "raw", faces_fetch(source="origin"))
    write_folder(tmp_path / "kaggle", _files() | {"attributes.csv": TABLE})
    asked = []
    monkeypatch.setattr(
        "atelier.data.download.kaggle.download", lambda handle: asked.append(handle) or tmp_path / "kaggle"
    )
    folder = fetch(tmp_path / "raw", faces_fetch(source="origin", kaggle="ada/faces"))
    assert asked == ["ada/faces"]
    assert (folder / "attributes.csv").read_bytes() == TABLE
    assert "kaggle.com/datasets/ada/faces" in Source.read(folder).request.licence
