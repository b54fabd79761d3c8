import pytest
import yaml

from atelier.errors import BadInputError
from pipelines.tune.tuned import read_tuned, write_tuned

LINE = "study abc, trial 3"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "conf" / "test" / "tuned.yml"


def tuned(path):
    return yaml.safe_load(path.read_text())["tuned"]


def test_values_come_back_with_their_types(path):
    values = {"training.learning_rate": 1e-05, "model.width": 32, "training.kind": "no", "training.flip": True}
    write_tuned(path, "one", values, LINE)
    assert tuned(path) == {"one": values}
    assert "  # study abc, trial 3\n  one:\n" in path.read_text()


def test_other_families_and_their_comments_stay(path):
    write_tuned(path, "two", {"a.b": 1}, "of two")
    write_tuned(path, "one", {"a.b": 2}, "of one")
    write_tuned(path, "one", {"a.c": 3}, "of one again")
    assert tuned(path) == {"one": {"a.c": 3}, "two": {"a.b": 1}}
    text = path.read_text()
    assert "  # of two\n  two:" in text
    assert "  # of one again\n  one:" in text
    assert text.count("#") == 4
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("before", ["", "tuned: {}\n", "tuned:\n", "tuned:\n  two:\n    a.b: 1\n"])
def test_files_edited_by_hand_are_read(path, before):
    path.parent.mkdir(parents=True)
    path.write_text(before)
    write_tuned(path, "one", {"a.b": 2}, "several\nlines: of # anything")
    assert tuned(path)["one"] == {"a.b": 2}
    assert ("two" in tuned(path)) == ("two" in before)


def test_a_family_that_was_not_tuned_has_no_values(path):
    assert read_tuned(path, ["one", "two"]) == {"one": {}, "two": {}}
    write_tuned(path, "two", {"a.b": 1}, LINE)
    assert read_tuned(path, ["one", "two"]) == {"one": {}, "two": {"a.b": 1}}


@pytest.mark.parametrize("text", ["tuned:\n  oen: {a.b: 1}\n", "one: {a.b: 1}\n"])
def test_an_unknown_block_is_an_error(path, text):
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(BadInputError, match="blocks of one"):
        read_tuned(path, ["one"])
