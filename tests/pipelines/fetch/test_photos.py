import zipfile

import pytest
from pydantic import ValidationError

from atelier.data.download.archives import read_archive
from atelier.data.download.source import Source
from atelier.data.samples.bricks import KINDS
from atelier.errors import BadInputError
from pipelines.fetch.photos import fetch
from tests.helpers.data_settings import photos_fetch
from tests.helpers.image_files import encode, random_image, write_folder

FILES = {f"{name}/{number}.jpg": encode(random_image(number)) for name in ("cat", "hot dog") for number in range(3)}


def files_of(raw) -> dict[str, bytes]:
    return {member.name: member.read() for path in sorted(raw.glob("*.tar")) for member in read_archive(path)}


def test_sample_photos_are_of_every_class_and_the_same_every_time(tmp_path) -> None:
    one, same = (files_of(fetch(tmp_path / name, photos_fetch(items=12, side=32))) for name in ("one", "same"))
    assert one == same
    assert {name.split("/")[0] for name in one} == {kind.name for kind in KINDS}


@pytest.mark.parametrize(("collection", "folder"), [("bricks", "bricks/photos"), ("scenes", "scenes")])
def test_a_collection_is_a_folder_of_the_mirror(tmp_path, collection, folder) -> None:
    write_folder(tmp_path / "mirror" / folder, FILES)
    settings = photos_fetch(source="mirror", mirror=str(tmp_path / "mirror"), collection=collection, items=None)
    assert files_of(fetch(tmp_path / "raw", settings)) == FILES


def test_a_zip_file_of_ones_own(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "my photos.zip", "w") as archive:
        for name, content in FILES.items():
            archive.writestr(f"photos/{name}", content)
        archive.writestr("__MACOSX/photos/cat/._0.jpg", b"notes")
    settings = photos_fetch(folder=str(tmp_path / "my photos.zip"), items=None)
    raw = fetch(tmp_path / "raw", settings)
    assert files_of(raw) == {f"photos/{name}": content for name, content in FILES.items()}
    before = next(raw.glob("*.tar")).stat().st_ino
    assert next(fetch(tmp_path / "raw", settings).glob("*.tar")).stat().st_ino == before
    assert "my photos.zip" in Source.read(raw).request.address


def test_a_name_in_a_zip_file_cannot_open_another_address(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("cat/x::file:///etc/0.jpg", b"x")
    with pytest.raises(BadInputError):
        fetch(tmp_path / "raw", photos_fetch(folder=str(tmp_path / "evil.zip"), items=None))


def test_an_unknown_collection_is_rejected_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match="did you mean bricks"):
        photos_fetch(collection="brick")


def test_a_package_is_no_source_of_photos() -> None:
    with pytest.raises(ValidationError, match="set source to sample or mirror or origin"):
        photos_fetch(source="package")
