import pytest

from atelier.atomic_folders import rebuilt, recover


def _fill(folder, content):
    with rebuilt(folder) as building:
        (building / "file").write_text(content)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_folder_is_replaced_and_nothing_is_left_over(tmp_path, monkeypatch, can_exchange):
    if not can_exchange:
        monkeypatch.setattr("atelier.atomic_folders._exchange", lambda one, other: False)
    for content in ("one", "two", "three"):
        _fill(tmp_path / "data", content)
        assert (tmp_path / "data" / "file").read_text() == content
        assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_leftovers_of_a_killed_build_are_removed(tmp_path):
    stale = tmp_path / ".data.building"
    stale.mkdir()
    (stale / "half").write_text("half")
    _fill(tmp_path / "data", "whole")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["file"]
    assert not stale.exists()


def test_old_contents_come_back_when_killed_between_two_renames(tmp_path):
    _fill(tmp_path / "data", "old")
    (tmp_path / "data").rename(tmp_path / ".data.old")
    recover(tmp_path / "data")
    assert (tmp_path / "data" / "file").read_text() == "old"
