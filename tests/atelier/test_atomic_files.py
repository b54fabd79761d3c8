from concurrent.futures import ThreadPoolExecutor

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


def test_many_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    path, contents = tmp_path / "a", [str(number) * 1000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write_atomically(path, contents[number % 8]), range(400)))  # raises errors
    assert path.read_text() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
