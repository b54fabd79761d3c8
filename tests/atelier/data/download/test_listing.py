import pytest

from atelier.data.download import open_remote
from atelier.data.download.listing import UnlistedError, find_files, list_files, suggest
from atelier.data.download.open_remote import file_system
from atelier.errors import BadInputError
from atelier.relative_names import is_inside
from tests.helpers.image_files import write_folder


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


def test_endings_in_upper_case_are_found_in_folders_too(tmp_path):
    write_folder(tmp_path, {"a.jpg": b"", "B.JPG": b"", "in/c.Jpg": b""})
    assert list_files(str(tmp_path), (".jpg",)) == ["B.JPG", "a.jpg"]
    assert find_files(str(tmp_path), (".jpg",)) == ["B.JPG", "a.jpg", "in/c.Jpg"]


def test_what_macos_adds_is_no_data(tmp_path, server, caplog):
    names = ["cat.npy", "._cat.npy", "__MACOSX/cat.npy", "__MACOSX/in/._cat.npy", "in/._dog.npy", "in/dog.npy"]
    write_folder(tmp_path, dict.fromkeys(names, b""))
    assert list_files(str(tmp_path), (".npy",)) == ["cat.npy"]
    assert find_files(str(tmp_path), (".npy",)) == ["cat.npy", "in/dog.npy"]
    server.add_folder("/m", {"cat.npy": b"", "._cat.npy": b""})
    assert list_files(f"{server.address}/m", (".npy",)) == ["cat.npy"]
    assert "4 are passed over: 4 that macOS adds" in caplog.text


def test_files_that_are_passed_over_are_counted(tmp_path, caplog):
    write_folder(tmp_path, {"a.jpg": b"", "b.heic": b"", "in/c.HEIC": b"", "d.heic": b"", "README": b""})
    assert find_files(str(tmp_path), (".jpg",)) == ["a.jpg"]
    assert "4 are passed over: 2 ending in .heic, 1 ending in README, 1 ending in .HEIC" in caplog.text


LINKS = [
    "..%2F..%2Fout.npy",
    "%2e%2e%2fout.npy",
    "%2e%2e/out.npy",
    "../out.npy",
    "..%5C..%5Cout.npy",
    "..\\out.npy",
    "%2Ftmp%2Fout.npy",
    "/tmp/out.npy",
    "C:out.npy",
    "%00out.npy",
    "%252e%252e%252fout.npy",
]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_of_an_index_page_never_leads_out_of_the_folder(server, link):
    server.add_index("/m", ["cat.npy", link])
    names = list_files(f"{server.address}/m", (".npy",))
    assert "cat.npy" in names
    assert all(is_inside(name) and "/" not in name for name in names)


@pytest.mark.parametrize(
    "name", ["a.npy", "in/a.npy", "a..b.npy", "no. 1.npy", "é ü.npy", "12:30.npy", "%2e%2e%2fa.npy"]
)
def test_names_inside_of_a_folder(name):
    assert is_inside(name)


@pytest.mark.parametrize("name", ["", ".", "..", "/a", "../a", "a/../b", "a//b", "a/", "a\\b", "C:a", "C:/a", "a\n"])
def test_names_that_lead_elsewhere(name):
    assert not is_inside(name)


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
