import io
import tarfile

import pytest

from atelier.data.download.archives import archive_specs, build_archive, in_hash_order, read_archive, write_archive
from atelier.data.download.transfer import TransferError
from atelier.errors import BadInputError


def _read(path):
    return {member.name: member.read() for member in read_archive(path)}


def test_archives_are_read_back_and_equal_files_give_equal_bytes(tmp_path):
    files = {"a/ö.jpg": b"one", "b.jpg": b"", "c" * 150 + ".jpg": b"three"}
    for name in ("one.tar", "two.tar"):
        write_archive(tmp_path / name, files.items())
    assert _read(tmp_path / "one.tar") == files
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    assert [member.position for member in read_archive(tmp_path / "one.tar")] == [1, 2, 3]


def test_the_first_names_in_hash_order_are_a_random_sample_that_more_names_contain():
    names = [f"{number:04d}.jpg" for number in range(1000)]
    few = in_hash_order(names)[:100]
    assert 350 < sum(map(int, (name[:4] for name in few))) / 100 < 650
    assert set(few) <= set(in_hash_order(reversed(names))[:300])


def test_equal_contents_have_equal_archive_names_and_a_longer_list_keeps_the_first_archives():
    names = [f"{number}.jpg" for number in range(10)]
    few, more = archive_specs("here", names[:8], size=4), archive_specs("here", names, size=4)
    assert list(few) == list(more)[:2]
    assert [len(pack.names) for pack in more.values()] == [4, 4, 2]
    assert not archive_specs("here", ["other.jpg", *names[1:4]], size=4).keys() & more.keys()


def test_an_interrupted_archive_continues_with_the_next_file(tmp_path, server):
    server.files |= {f"/{name} 1.jpg": name.encode() for name in "abc"}
    pack = archive_specs(server.address, ["a 1.jpg", "b 1.jpg", "c 1.jpg"])
    name, pack = next(iter(pack.items()))
    server.broken = {"/c 1.jpg"}
    with pytest.raises(TransferError):
        build_archive(pack, tmp_path / name, tries=1)
    server.broken = set()
    server.requested.clear()
    build_archive(pack, tmp_path / name)
    assert server.requested == ["/c 1.jpg"]
    assert _read(tmp_path / name) == {"a 1.jpg": b"a", "b 1.jpg": b"b", "c 1.jpg": b"c"}
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_missing_file_is_an_empty_member_and_no_file_at_all_is_an_error(tmp_path, server):
    server.files["/a.jpg"] = b"a"
    (name, pack), *_ = archive_specs(server.address, ["a.jpg", "b.jpg"]).items()
    build_archive(pack, tmp_path / name)
    assert _read(tmp_path / name) == {"a.jpg": b"a", "b.jpg": b""}
    (name, pack), *_ = archive_specs(server.address, ["c.jpg"]).items()
    with pytest.raises(FileNotFoundError):
        build_archive(pack, tmp_path / name)


def test_names_cannot_point_outside_the_folder(tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "mirror").mkdir()
    (name, pack), *_ = archive_specs(str(tmp_path / "mirror"), ["../secret.jpg"]).items()
    (tmp_path / "raw").mkdir()
    build_archive(pack, tmp_path / "raw" / name)
    assert [path.name for path in (tmp_path / "raw").iterdir()] == [name]


def test_the_error_of_a_damaged_archive_says_what_to_do(tmp_path):
    write_archive(tmp_path / "a.tar", [("a.jpg", b"x" * 5000), ("b.jpg", b"y" * 5000)])
    whole = (tmp_path / "a.tar").read_bytes()
    for content in (b"no archive", whole[:7000]):
        (tmp_path / "a.tar").write_bytes(content)
        with pytest.raises(BadInputError, match="fetch it again"):
            _read(tmp_path / "a.tar")


def test_a_link_in_an_archive_is_read_as_an_empty_file(tmp_path):
    link = tarfile.TarInfo("a.jpg")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(link)
    (tmp_path / "a.tar").write_bytes(buffer.getvalue())
    assert _read(tmp_path / "a.tar") == {"a.jpg": b""}
