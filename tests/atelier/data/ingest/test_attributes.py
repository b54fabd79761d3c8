import numpy as np
import pytest

from atelier.data.ingest.attributes import read_names, read_table
from atelier.errors import BadInputError


def _table(tmp_path, text: str, encoding: str = "utf-8"):
    path = tmp_path / "attributes.csv"
    path.write_text(text, encoding=encoding)
    return read_table(path)


def test_numbers_by_path_or_file_name_and_missing_values_as_nan(tmp_path) -> None:
    table = _table(tmp_path, "file,age,glasses\na.jpg,30,0\nimages/b.jpg,41.5,\n")
    assert table.names == ("age", "glasses")
    values = table.of(["images/a.jpg", "images/b.jpg", "c.jpg"])
    assert values.dtype == np.float32
    assert np.array_equal(values, [[30, 0], [41.5, np.nan], [np.nan, np.nan]], equal_nan=True)
    assert table.of([]).shape == (0, 2)


def test_columns_of_words_are_passed_over_and_single_bad_cells_are_reported(tmp_path) -> None:
    table = _table(tmp_path, "file,name,age\na.jpg,Ada,30\nb.jpg,Bo,old\nc.jpg,Cy,inf\n", "utf-8-sig")
    assert table.names == ("age",)
    assert np.array_equal(table.of(["a.jpg", "b.jpg", "c.jpg"])[:, 0], [30, np.nan, np.nan], equal_nan=True)
    assert [(problem.line, problem.reason, problem.detail) for problem in table.problems] == [
        (3, "not a number", "age: 'old'"),
        (4, "not a number", "age: 'inf'"),
    ]


def test_rows_that_contradict_each_other_give_no_value(tmp_path) -> None:
    table = _table(tmp_path, "file,age\na.jpg,30\nb.jpg,20\na.jpg,60\nb.jpg,20\n")
    assert np.array_equal(table.of(["a.jpg", "b.jpg"])[:, 0], [np.nan, 20], equal_nan=True)
    assert [problem.reason for problem in table.problems] == ["contradicting rows"]


@pytest.mark.parametrize("text", ["", "file,age\n", "age\n30\n", "file,name\na.jpg,Ada\n"])
def test_a_file_that_is_no_table_of_attributes(tmp_path, text) -> None:
    with pytest.raises(BadInputError, match="needs a column 'file'"):
        _table(tmp_path, text)


def test_attributes_in_names() -> None:
    pattern = r"^(?P<age>[0-9]+)_(?P<gender>[01])_"
    found = read_names(["images/35_1_x.jpg", "images/other.jpg"], pattern)
    assert found.names == ("age", "gender")
    assert np.array_equal(found.of(["images/35_1_x.jpg", "images/other.jpg"]), [[35, 1], [np.nan] * 2], equal_nan=True)


@pytest.mark.parametrize("pattern", ["^([0-9]+)_", "^(?P<age>[a-z]+)_"])
def test_a_pattern_that_finds_nothing(pattern) -> None:
    with pytest.raises(BadInputError, match="finds no attribute"):
        read_names(["35_1_x.jpg"], pattern)
