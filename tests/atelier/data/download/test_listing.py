import pytest

from atelier.data.download import open_remote
from atelier.data.download.listing import UnlistedError, list_files, suggest
from atelier.data.download.open_remote import file_system
from atelier.errors import BadInputError


def test_listing_a_folder(tmp_path):
    for name in ("cat.npy", "50%20.npy", "notes.txt"):
        (tmp_path / name).touch()
    assert list_files(str(tmp_path), (".npy",)) == ["50%20.npy", "cat.npy"]
    with pytest.raises(UnlistedError, match="no file ending in"):
        list_files(str(tmp_path), (".ndjson", ".gz"))
    with pytest.raises(UnlistedError, match="cannot be listed"):
        list_files(str(tmp_path / "nowhere"), (".npy",))


def test_listing_an_index_page(server):
    server.add_folder("/raw", {"alarm clock.ndjson.gz": b"x", "cat.ndjson": b"x", "README": b"x"})
    assert list_files(f"{server.address}/raw", (".ndjson", ".ndjson.gz")) == ["alarm clock.ndjson.gz", "cat.ndjson"]
    with pytest.raises(UnlistedError, match="cannot be listed"):
        list_files(f"{server.address}/nowhere", (".npy",))


@pytest.mark.parametrize(("address", "hint"), [("s3://b/x", "pip install s3fs"), ("gs://b/x", "pip install gcsfs")])
def test_missing_package_is_named(address, hint, monkeypatch):
    def fail(_):
        raise ImportError("no such package")

    monkeypatch.setattr(open_remote.fsspec.core, "url_to_fs", fail)
    with pytest.raises(BadInputError, match=hint):
        list_files(address, (".npy",))


def test_unknown_kind_of_address():
    with pytest.raises(BadInputError, match="quatsch"):
        file_system("quatsch://bucket/x")


def test_names_close_to_an_unknown_one_are_suggested():
    assert suggest("alarm-clock", ["alarm clock", "clock", "cat"]).startswith(
        "'alarm-clock'; did you mean 'alarm clock'"
    )
    assert suggest("xyz", ["cat", "ant"]) == "'xyz'; there are 'ant', 'cat'."
    assert suggest("xyz", []) == "'xyz'; there are none."
