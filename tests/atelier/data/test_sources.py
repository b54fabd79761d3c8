import pytest

from atelier.data import sources
from atelier.data.sources import Request, Source, fetch, is_fetched, list_files, make, nearest
from atelier.data.transfer import TransferError
from atelier.errors import BadInputError


def _request(**parameters):
    return Request(dataset="d", kind="origin", address="somewhere", licence="CC0", parameters=parameters)


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


def test_same_request_asks_nobody_again(tmp_path, files, server):
    fetch(tmp_path / "raw", _request(), files)
    asked = len(server.ranges)
    fetch(tmp_path / "raw", _request(), files)
    assert len(server.ranges) == asked


def test_damaged_file_is_fetched_again(tmp_path, files):
    fetch(tmp_path / "raw", _request(), files)
    (tmp_path / "raw" / "a.npy").write_bytes(b"short")
    assert not is_fetched(tmp_path / "raw", _request())
    fetch(tmp_path / "raw", _request(), files)
    assert is_fetched(tmp_path / "raw", _request(), check_hashes=True)


def test_same_size_other_content_is_found_when_hashes_are_checked(tmp_path, files):
    fetch(tmp_path / "raw", _request(), files)
    (tmp_path / "raw" / "a.npy").write_bytes(b"x" * 1000)
    assert is_fetched(tmp_path / "raw", _request())
    assert not is_fetched(tmp_path / "raw", _request(), check_hashes=True)


def test_other_request_replaces_the_folder(tmp_path, files):
    fetch(tmp_path / "raw", _request(), files)
    fetch(tmp_path / "raw", _request(n=1), {"b.npy": files["b.npy"]})
    assert {path.name for path in (tmp_path / "raw").iterdir()} == {"b.npy", "SOURCE.json"}


def test_old_folder_stays_until_all_has_arrived_and_what_came_is_kept(tmp_path, files, server):
    fetch(tmp_path / "raw", _request(), files)
    server.failures = [403]
    with pytest.raises(TransferError):
        fetch(tmp_path / "raw", _request(n=1), files, together=1)
    assert is_fetched(tmp_path / "raw", _request())
    server.ranges.clear()
    fetch(tmp_path / "raw", _request(n=1), files)
    assert is_fetched(tmp_path / "raw", _request(n=1))
    assert len(server.ranges) <= 3


def test_missing_file_is_noted_and_asked_for_again(tmp_path, files, server):
    gone = server.files.pop("/b")
    source = fetch(tmp_path / "raw", _request(), files)
    assert list(source.problems) == ["b.npy"]
    assert set(source.files) == {"a.npy", "c.npy"}
    server.files["/b"] = gone
    assert not fetch(tmp_path / "raw", _request(), files).problems


def test_nothing_there_at_all(tmp_path, files, server):
    server.files.clear()
    with pytest.raises(BadInputError, match="None of the 3 files is at somewhere"):
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


def test_nothing_fetched_yet(tmp_path):
    with pytest.raises(BadInputError, match="kedro run --pipelines fetch"):
        Source.read(tmp_path)


def test_listing(tmp_path):
    for name in ("cat.npy", "dog.npy", "notes.txt"):
        (tmp_path / name).touch()
    assert list_files(str(tmp_path), (".npy",)) == ["cat.npy", "dog.npy"]
    with pytest.raises(BadInputError, match="no file ending in"):
        list_files(str(tmp_path), (".ndjson", ".gz"))
    with pytest.raises(BadInputError, match="cannot be listed"):
        list_files(str(tmp_path / "nowhere"), (".npy",))


def test_nearest_names():
    assert nearest("alarm-clock", ["alarm clock", "clock", "cat"]).startswith(
        "'alarm-clock'; did you mean 'alarm clock'"
    )
    assert nearest("xyz", ["cat", "ant"]) == "'xyz'; there are 'ant', 'cat'."


def test_record_is_plain_json(tmp_path):
    source = make(tmp_path / "raw", _request(), lambda folder: (folder / "a").touch())
    assert sources.source_record(source)["files"]["a"]["size"] == 0
