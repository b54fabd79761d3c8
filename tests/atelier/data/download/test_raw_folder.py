import os

import pytest

from atelier.atomic_files import digest
from atelier.data.download import notes
from atelier.data.download.open_remote import FileVersion
from atelier.data.download.raw_folder import fetch, make
from atelier.data.download.source import DataRequest, Source, is_fetched
from atelier.data.download.transfer import TransferError
from atelier.errors import BadInputError


def _request(**parameters):
    return DataRequest(dataset="d", kind="origin", address="somewhere", licence="CC0", parameters=parameters)


@pytest.fixture
def files(server):
    server.files |= {f"/{name}": name.encode() * 1000 for name in "abc"}
    return {f"{name}.npy": f"{server.address}/{name}" for name in "abc"}


def test_fetched_files_are_described(tmp_path, files):
    folder = tmp_path / "raw"
    source = fetch(folder, _request(), files)
    assert Source.read(folder) == source
    assert {path.name for path in folder.iterdir()} == {*files, "SOURCE.json"}
    assert source.files["a.npy"].size == 1000
    assert is_fetched(folder, _request(), check_hashes=True)
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_the_same_request_downloads_nothing(tmp_path, files, server):
    fetch(tmp_path / "raw", _request(), files)
    requested = len(server.ranges)
    fetch(tmp_path / "raw", _request(), files)
    assert len(server.ranges) == requested


def test_damaged_file_is_fetched_again(tmp_path, files):
    fetch(tmp_path / "raw", _request(), files)
    (tmp_path / "raw" / "a.npy").write_bytes(b"short")
    assert not is_fetched(tmp_path / "raw", _request())
    fetch(tmp_path / "raw", _request(), files)
    assert is_fetched(tmp_path / "raw", _request(), check_hashes=True)


def test_other_content_of_the_same_size_is_detected_and_fetched_again(tmp_path, files, server, caplog):
    fetch(tmp_path / "raw", _request(), files)
    path = tmp_path / "raw" / "a.npy"
    os.utime(path, (1, 1))
    assert is_fetched(tmp_path / "raw", _request())
    path.write_bytes(b"x" * 1000)
    os.utime(path, (1, 1))  # the entry's own time stamp tells
    assert not is_fetched(tmp_path / "raw", _request())
    assert not is_fetched(tmp_path / "raw", _request(), check_hashes=True)
    assert "a.npy has another SHA-256 than SOURCE.json states. It is fetched again." in caplog.text
    server.requested.clear()
    fetch(tmp_path / "raw", _request(), files)
    assert server.requested == ["/a"]
    assert is_fetched(tmp_path / "raw", _request(), check_hashes=True)


def test_a_file_is_hashed_once_until_it_changes(tmp_path, files, monkeypatch):
    monkeypatch.setattr(notes, "_FRESH_NS", 0)
    hashed = []
    monkeypatch.setattr(notes, "digest", lambda path, kind: hashed.append(path.name) or digest(path, kind))
    fetch(tmp_path / "raw", _request(), files)
    for _ in range(3):
        assert is_fetched(tmp_path / "raw", _request())
    assert sorted(hashed) == ["a.npy", "b.npy", "c.npy"]
    (tmp_path / "raw" / "b.npy").write_bytes(b"y" * 1000)
    os.utime(tmp_path / "raw" / "b.npy", (1, 1))
    assert not is_fetched(tmp_path / "raw", _request())
    assert hashed[3:] == ["b.npy"]


def test_a_hash_is_not_noted_while_the_file_may_still_change_within_one_time_stamp(tmp_path, files, monkeypatch):
    monkeypatch.setattr(notes, "_FRESH_NS", 10**18)
    fetch(tmp_path / "raw", _request(), files)
    assert is_fetched(tmp_path / "raw", _request())
    assert not notes.notes_path(tmp_path / "raw").exists()


@pytest.mark.parametrize("name", ["../a.npy", "x/../../a.npy", "/a.npy", "..\\a.npy", "C:a.npy", "..", "a/", ""])
def test_no_file_is_written_outside_of_the_folder(tmp_path, files, name):
    with pytest.raises(BadInputError, match="outside of the raw folder"):
        fetch(tmp_path / "deep" / "raw", _request(), {name: files["a.npy"]})
    assert not list(tmp_path.rglob("*.npy"))


def _versions(**stamps):
    return {f"{name}.npy": FileVersion(1000, stamp) for name, stamp in stamps.items()}


def test_only_files_that_changed_at_the_source_are_fetched_again(tmp_path, files, server, caplog):
    fetch(tmp_path / "raw", _request(), files, versions=_versions(a="1", b="1", c="1"))
    server.requested.clear()
    fetch(tmp_path / "raw", _request(), files, versions=_versions(a="1", b="1", c="1"))
    assert not server.requested
    server.files["/b"] = b"B" * 1000
    fetch(tmp_path / "raw", _request(), files, versions=_versions(a="1", b="2", c="1"))
    assert server.requested == ["/b"]
    assert (tmp_path / "raw" / "b.npy").read_bytes() == b"B" * 1000
    assert "somewhere has changed (b.npy)" in caplog.text
    fetch(tmp_path / "raw", _request(), files, versions=_versions(a="1", b="2", c="1"))
    assert server.requested == ["/b"]


def test_without_notes_the_size_at_the_source_tells(tmp_path, files, server):
    """As in a second clone, which got the raw folder from DVC."""
    fetch(tmp_path / "raw", _request(), files)
    server.requested.clear()
    fetch(tmp_path / "raw", _request(), files, versions=_versions(a="1", b="1", c="1"))
    assert not server.requested
    notes.notes_path(tmp_path / "raw").unlink()
    server.files["/c"] = b"c" * 7
    fetch(tmp_path / "raw", _request(), files, versions=_versions(a="1", b="1") | {"c.npy": FileVersion(7, "1")})
    assert server.requested == ["/c"]


def test_what_an_interrupted_fetch_got_is_fetched_again_when_it_changed(tmp_path, files, server):
    server.broken = {"/c"}
    with pytest.raises(TransferError):
        fetch(tmp_path / "raw", _request(), files, max_workers=1, versions=_versions(a="1", b="1", c="1"))
    server.broken = set()
    server.files["/a"] = b"A" * 1000
    source = fetch(tmp_path / "raw", _request(), files, versions=_versions(a="2", b="1", c="1"))
    assert (tmp_path / "raw" / "a.npy").read_bytes() == b"A" * 1000
    assert set(source.files) == set(files)


def test_other_request_replaces_the_folder(tmp_path, files):
    fetch(tmp_path / "raw", _request(), files)
    fetch(tmp_path / "raw", _request(n=1), {"b.npy": files["b.npy"]})
    assert {path.name for path in (tmp_path / "raw").iterdir()} == {"b.npy", "SOURCE.json"}


def test_another_request_reuses_intact_files_from_the_same_address(tmp_path, files, server):
    first = fetch(tmp_path / "raw", _request(), files)
    (tmp_path / "raw" / "b.npy").write_bytes(b"x" * 1000)  # same size, other content
    server.requested.clear()
    assert fetch(tmp_path / "raw", _request(n=1), files).files == first.files
    assert server.requested == ["/b"]
    assert is_fetched(tmp_path / "raw", _request(n=1), check_hashes=True)


def test_files_with_another_number_of_lines_or_from_another_address_are_not_reused(tmp_path, files, server):
    fetch(tmp_path / "raw", _request(), files)
    server.requested.clear()
    fetch(tmp_path / "raw", _request(n=1), files, lines=1)
    fetch(tmp_path / "raw", _request(n=1).model_copy(update={"address": "elsewhere"}), files, lines=1)
    assert len(server.requested) == 6


def test_files_are_copied_where_they_cannot_be_linked(tmp_path, files, server, monkeypatch):
    fetch(tmp_path / "raw", _request(), files)
    monkeypatch.setattr("os.link", lambda *_: (_ for _ in ()).throw(OSError))
    server.requested.clear()
    fetch(tmp_path / "raw", _request(n=1), files)
    assert not server.requested
    assert is_fetched(tmp_path / "raw", _request(n=1), check_hashes=True)


def test_the_old_folder_stays_until_all_files_are_fetched_and_fetched_files_are_kept(tmp_path, files, server):
    old = _request().model_copy(update={"address": "elsewhere"})
    fetch(tmp_path / "raw", old, files)
    c = server.files.pop("/c")
    server.requested.clear()
    server.broken = {"/c"}
    with pytest.raises(TransferError):
        fetch(tmp_path / "raw", _request(n=1), files, max_workers=1)
    assert is_fetched(tmp_path / "raw", old)
    assert server.requested == ["/a", "/b", "/c"]
    server.files["/c"], server.broken = c, set()
    fetch(tmp_path / "raw", _request(n=2), {name: files[name] for name in ("b.npy", "c.npy")})  # without "a"
    assert server.requested == ["/a", "/b", "/c", "/c"]
    assert {path.name for path in (tmp_path / "raw").iterdir()} == {"b.npy", "c.npy", "SOURCE.json"}


def test_a_missing_file_is_noted_and_requested_again(tmp_path, files, server):
    gone = server.files.pop("/b")
    source = fetch(tmp_path / "raw", _request(), files)
    assert list(source.problems) == ["b.npy"]
    assert set(source.files) == {"a.npy", "c.npy"}
    server.requested.clear()
    assert fetch(tmp_path / "raw", _request(), files) == source
    assert server.requested == ["/b"]
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]
    server.files["/b"] = gone
    assert not fetch(tmp_path / "raw", _request(), files).problems
    assert server.requested == ["/b", "/b"]


def test_a_file_that_is_known_to_be_missing_is_not_requested(tmp_path, files, server, caplog):
    missing = {"d.npy": "There is no d."}
    source = fetch(tmp_path / "raw", _request(), files, missing)
    assert source.problems == missing
    requested = len(server.requested)
    assert fetch(tmp_path / "raw", _request(), files, missing) == source
    assert len(server.requested) == requested == 3
    assert caplog.messages == ["There is no d."] * 2


def test_no_file_exists(tmp_path, files, server):
    server.files.clear()
    with pytest.raises(BadInputError, match=r"None of the 3 files is there\. There is nothing at http"):
        fetch(tmp_path / "raw", _request(), files)
    assert not (tmp_path / "raw").exists()


def test_made_data_is_made_once(tmp_path):
    calls = []

    def write(folder):
        calls.append(folder)
        (folder / "a").write_text("a")

    first = make(tmp_path / "raw", _request(), write)
    assert make(tmp_path / "raw", _request(), write) == first
    assert len(calls) == 1
    assert make(tmp_path / "raw", _request(n=2), write) != first


def test_files_that_cannot_be_made_are_noted(tmp_path):
    source = make(tmp_path / "raw", _request(), lambda folder: (folder / "a").touch(), {"b": "There is no b."})
    assert Source.read(tmp_path / "raw").problems == source.problems == {"b": "There is no b."}
    assert not is_fetched(tmp_path / "raw", _request())


def test_nothing_fetched_yet(tmp_path):
    with pytest.raises(BadInputError, match="kedro run --pipelines fetch"):
        Source.read(tmp_path)
    (tmp_path / "SOURCE.json").write_text("{}")
    with pytest.raises(BadInputError, match="fetch it again"):
        Source.read(tmp_path)
