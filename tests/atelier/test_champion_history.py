import re
from pathlib import Path

import pytest

from atelier.champion_history import Change, History
from atelier.errors import BadInputError

CHANGES = (
    Change(number=1, kind="promotion", champion=1, before=None, at="2026-01-01T10:00:00+00:00", verdict="v1 is first."),
    Change(number=2, kind="promotion", champion=2, before=1, at="2026-01-02T10:00:00+00:00", verdict="v2 is better."),
    Change(number=3, kind="rollback", champion=1, before=2, at="2026-01-03T10:00:00+00:00", reason="too slow"),
    Change(number=4, kind="by hand", champion=3, before=1, at="2026-01-04T10:00:00+00:00"),
)
HISTORY = History(family="doubler", changes=CHANGES)


def test_each_champion_has_a_period_that_says_why_it_began_and_ended() -> None:
    periods = HISTORY.periods()
    assert [(each.version, each.since[:10], (each.until or "")[:10]) for each in periods] == [
        ("1", "2026-01-01", "2026-01-02"),
        ("2", "2026-01-02", "2026-01-03"),
        ("1", "2026-01-03", "2026-01-04"),
        ("3", "2026-01-04", ""),
    ]
    assert periods[1].began == "v2 is better."
    assert periods[1].ended == "rolled back from v2 to v1: too slow"
    assert periods[0].ended == "replaced by v2"
    assert "by hand" in periods[3].began


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("2025-12-31T00:00", "had no champion at .* The next was v1"),
        ("2026-01-01T10:00", "v1 was champion"),
        ("2026-01-02T12:00+05:00", "v1 was champion"),
        ("2026-01-02T10:00:01", "v2 was champion .*: v2 is better."),
        ("2026-01-03T12:00", "v1 was champion .*too slow.* But .*v3 .* by hand.*noticed 2026-01-04.*not known"),
        ("2026-01-05", "v3 was champion"),
    ],
)
def test_it_says_who_was_champion_at_a_time(at: str, answer: str) -> None:
    assert re.search(answer, HISTORY.answer(at))


@pytest.mark.parametrize(("at", "message"), [("yesterday", "not a time"), ("2999-01-01", "in the future")])
def test_other_times_are_refused(at: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        HISTORY.answer(at)


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "history.json").write_text(HISTORY.model_dump_json())
    assert History.read(tmp_path / "history.json") == HISTORY
