import json

import pytest

from atelier.data.quarantine import Problem, Quarantine, check_bad_fraction, check_no_empty_class, check_no_empty_split
from atelier.errors import BadInputError


def test_problems_are_written_and_counted(tmp_path):
    with Quarantine(tmp_path / "reports" / "quarantine.jsonl") as quarantine:
        quarantine.add([Problem("a.ndjson", 3, "malformed JSON", "é"), Problem("b.npy", 7, "truncated file", items=5)])
    lines = [json.loads(line) for line in quarantine.path.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"file": "a.ndjson", "line": 3, "reason": "malformed JSON", "detail": "é", "items": 1}
    assert quarantine.counts == {"malformed JSON": 1, "truncated file": 5}


def test_too_many_bad_items_stop_the_run(tmp_path):
    check_bad_fraction(2, 100, 0.02, tmp_path)
    check_bad_fraction(0, 0, 0.0, tmp_path)
    with pytest.raises(BadInputError, match="max_bad_fraction"):
        check_bad_fraction(3, 100, 0.02, tmp_path)


def test_empty_class_stops_the_run(tmp_path):
    check_no_empty_class({"cat": 1}, tmp_path)
    with pytest.raises(BadInputError, match="dog"):
        check_no_empty_class({"cat": 1, "dog": 0}, tmp_path)
    with pytest.raises(BadInputError, match=r"left of dog\. No dog at all\."):
        check_no_empty_class({"cat": 1, "dog": 0}, tmp_path, {"dog": "No dog at all.", "cow": "No cow."})


def test_empty_split_stops_the_run():
    check_no_empty_split({"train": {"": 3}, "val": {"": 1}, "test": {"": 1}})
    with pytest.raises(BadInputError, match="None of the 3 items fell into the split val or test"):
        check_no_empty_split({"train": {"cat": 1, "dog": 2}, "val": {"cat": 0, "dog": 0}, "test": {}})
