import pytest

from atelier.atomic_files import replacing, write_atomically


@pytest.mark.parametrize(("content", "stored"), [("é\n", "é\n".encode()), (b"\x00\xff", b"\x00\xff")])
def test_text_and_bytes_replace_what_was_there(tmp_path, content, stored):
    path = tmp_path / "new folder" / "a.json"
    write_atomically(path, "old")
    write_atomically(path, content)
    assert path.read_bytes() == stored
    assert [path.name for path in path.parent.iterdir()] == ["a.json"]


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a"
    write_atomically(path, "old")
    with pytest.raises(TypeError), replacing(path) as new:
        new.write_text(0)
    assert path.read_text() == "old"
    write_atomically(path, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
