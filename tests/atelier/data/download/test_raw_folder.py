import pytest

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


def test_other_content_of_the_same_size_is_detected_when_hashes_are_checked(tmp_path, files):
    fetch(tmp_path / "raw", _request(), files)
    (tmp_path / "raw" / "a.npy").write_bytes(b"x" * 1000)
    assert is_fetched(tmp_path / "raw", _request())
    assert not is_fetched(tmp_path / "raw", _request(), check_hashes=True)


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
