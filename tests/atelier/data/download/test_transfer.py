import pytest

from atelier.data.download.transfer import TransferError, transfer

CONTENT = bytes(range(256)) * 4096


def test_whole_file_with_progress(server, tmp_path):
    server.files["/a b.npy"] = CONTENT
    seen = []
    transfer(f"{server.address}/a%20b.npy", tmp_path / "a", progress=lambda done, size: seen.append((done, size)))
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_transfer_continues_where_the_connection_was_cut(server, tmp_path):
    server.files["/a"] = CONTENT
    server.cut_after = [300_000, 400_000]
    transfer(f"{server.address}/a", tmp_path / "a", retry_delay=0)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-", "bytes=700000-"]


def test_a_transfer_continues_after_a_kill(server, tmp_path):
    server.files["/a"] = CONTENT
    server.cut_after = [300_000]
    with pytest.raises(TransferError, match="300000 of"):
        transfer(f"{server.address}/a", tmp_path / "a", tries=1)
    assert not (tmp_path / "a").exists()
    transfer(f"{server.address}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-"]


def test_a_transfer_starts_again_when_the_file_has_changed(server, tmp_path):
    server.files["/a"] = CONTENT
    server.cut_after = [300_000]
    with pytest.raises(TransferError):
        transfer(f"{server.address}/a", tmp_path / "a", tries=1)
    server.files["/a"] = CONTENT[::-1]
    transfer(f"{server.address}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT[::-1]


def test_a_transfer_starts_again_where_the_server_does_not_support_ranges(server, tmp_path):
    server.files["/a"] = CONTENT
    server.supports_ranges = False
    server.cut_after = [300_000]
    transfer(f"{server.address}/a", tmp_path / "a", retry_delay=0)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_transient_errors_are_retried(server, tmp_path):
    server.files["/a"] = CONTENT
    server.failures = [500, 503, 429]
    transfer(f"{server.address}/a", tmp_path / "a", retry_delay=0)
    assert (tmp_path / "a").read_bytes() == CONTENT


@pytest.mark.parametrize(("failures", "requested"), [([500] * 9, 3), ([403] * 9, 1)])
def test_permanent_errors_raise_with_the_number_of_tries_and_the_reason(server, tmp_path, failures, requested):
    server.failures = failures
    with pytest.raises(TransferError, match=f"failed {requested} times.*{failures[0]}"):
        transfer(f"{server.address}/a", tmp_path / "a", tries=3, retry_delay=0)
    assert len(server.ranges) == requested


def test_missing_file(server, tmp_path):
    with pytest.raises(FileNotFoundError):
        transfer(f"{server.address}/a", tmp_path / "a")
    with pytest.raises(FileNotFoundError):
        transfer(str(tmp_path / "nowhere"), tmp_path / "a")


def test_wrong_content_is_detected(server, tmp_path):
    server.files["/a"] = CONTENT
    server.wrong_md5 = True
    with pytest.raises(TransferError, match="MD5"):
        transfer(f"{server.address}/a", tmp_path / "a", tries=2, retry_delay=0)
    assert not (tmp_path / "a.part").exists()


def test_first_lines_only(server, tmp_path):
    server.files["/a"] = b"".join(b"line %d\n" % number for number in range(200_000))
    transfer(f"{server.address}/a", tmp_path / "a", lines=1000)
    assert (tmp_path / "a").read_bytes().splitlines()[-1] == b"line 999"
    transfer(f"{server.address}/a", tmp_path / "b", lines=100_000)
    assert (tmp_path / "b").read_bytes().count(b"\n") == 100_000
    transfer(f"{server.address}/a", tmp_path / "c", lines=300_000)
    assert (tmp_path / "c").read_bytes() == server.files["/a"]


def test_from_a_folder(tmp_path):
    (tmp_path / "from").write_bytes(CONTENT)
    transfer(str(tmp_path / "from"), tmp_path / "to")
    assert (tmp_path / "to").read_bytes() == CONTENT


def test_from_any_file_system(tmp_path):
    import fsspec

    with fsspec.open("memory://bucket/a", "wb") as file:
        file.write(CONTENT)
    transfer("memory://bucket/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
