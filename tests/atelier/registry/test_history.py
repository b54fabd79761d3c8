import json

import pytest

from atelier.errors import BadInputError
from atelier.registry import history
from atelier.registry.promotion import run_gate
from atelier.registry.rollback import roll_back
from atelier.registry.status import status
from atelier.registry.version import VERDICT
from tests.helpers.registries import FAMILY, GATE, TEST_HASH, gate_version


def changes(registry):
    return [(each.number, each.kind, each.before, each.champion) for each in history.read(registry, FAMILY).changes]


def forget_log(registry):
    """Leave the registry as it was before there was a log."""
    for key in registry.family_tags(FAMILY):
        registry.set_family_tag(FAMILY, key, None)


def test_promotions_and_rollbacks_are_logged_with_verdict_and_reason(versions):
    for number in (1, 2, 4):  # the gate rejects v4
        gate_version(versions, number)
    roll_back(versions, FAMILY, "it calls every cat a dog")
    assert changes(versions) == [
        (1, "promotion", None, 1),
        (2, "promotion", 1, 2),
        (3, "rollback", 2, 1),
    ]
    _, second, third = history.read(versions, FAMILY).changes
    assert second.verdict.startswith("v2 is promoted.")
    assert third.reason == "it calls every cat a dog"
    assert status(versions, FAMILY).history == history.read(versions, FAMILY)
    assert history.PENDING not in versions.family_tags(FAMILY)


def test_an_alias_moved_by_hand_is_seen_at_once_and_noted_by_the_next_command(versions):
    gate_version(versions, 2)
    versions.set_alias(versions.version(FAMILY, 4), "champion")
    seen = history.read(versions, FAMILY)
    assert (seen.logged, seen.changes[-1].champion, seen.changes[-1].at) == (False, 4, "")
    assert status(versions, FAMILY).pending
    assert run_gate(versions, FAMILY, GATE, TEST_HASH, None) is None
    assert changes(versions) == [(1, "promotion", None, 2), (2, "by hand", 2, 4)]
    assert history.read(versions, FAMILY).changes[-1].at
    assert not status(versions, FAMILY).pending


def test_a_promotion_after_a_change_by_hand_logs_both(versions):
    gate_version(versions, 1)
    versions.set_alias(versions.version(FAMILY, 4), "champion")
    gate_version(versions, 3)
    assert changes(versions) == [(1, "promotion", None, 1), (2, "by hand", 1, 4), (3, "promotion", 4, 3)]


def test_an_alias_removed_by_hand_ends_the_time_of_the_champion(versions):
    gate_version(versions, 1)
    versions.remove_alias(FAMILY, "champion")
    gate_version(versions, 2)
    assert changes(versions) == [(1, "promotion", None, 1), (2, "by hand", 1, None), (3, "promotion", None, 2)]
    assert [period.version for period in history.read(versions, FAMILY).periods()] == ["1", "2"]


def test_what_happened_before_the_log_is_reconstructed_and_says_so(versions):
    for number in (1, 2, 3):
        gate_version(versions, number)
    roll_back(versions, FAMILY)
    for minute, number in enumerate((1, 2, 3)):  # promotions within one second have no order
        verdict = json.loads(versions.version(FAMILY, number).tags[VERDICT])
        stored = json.dumps(verdict | {"at": f"2026-01-01T00:0{minute}:00+00:00"})
        versions.set_tag(versions.version(FAMILY, number), VERDICT, stored)
    forget_log(versions)
    before = [(0, "promotion", None, 1), (0, "promotion", 1, 2), (0, "promotion", 2, 3), (0, "rollback", 3, 2)]
    assert changes(versions) == before
    assert all("before the history was kept" in each.sentence() for each in history.read(versions, FAMILY).changes)
    roll_back(versions, FAMILY)
    assert changes(versions) == [*before, (1, "rollback", 2, 1)]


def test_a_champion_that_nothing_explains_was_set_by_hand(versions):
    versions.set_alias(versions.version(FAMILY, 1), "champion")
    assert changes(versions) == [(0, "by hand", None, 1)]


def test_a_damaged_entry_is_left_out(versions, caplog):
    gate_version(versions, 1)
    gate_version(versions, 2)
    versions.set_family_tag(FAMILY, f"{history.LOG}000001", "{")
    assert changes(versions)[-1] == (2, "promotion", 1, 2)
    assert "cannot be read" in caplog.text


def test_entries_fit_into_the_tags_of_any_database(versions):
    """MLflow's column for tags of registered models has 5,000 characters."""
    gate_version(versions, 1)
    history.begin(versions, FAMILY, "promotion", 2, verdict="ä" * 9000)
    assert len(versions.family_tags(FAMILY)[history.PENDING]) < 5000
    with pytest.raises(BadInputError, match=r"1,001 characters. At most 1,000"):
        roll_back(versions, FAMILY, "x" * 1001)


def test_a_pending_promotion_whose_alias_did_not_move_leaves_no_entry(versions):
    gate_version(versions, 1)
    history.begin(versions, FAMILY, "promotion", 2)
    assert status(versions, FAMILY).pending
    roll_error = run_gate(versions, FAMILY, GATE, TEST_HASH, None)
    assert roll_error is None
    assert changes(versions) == [(1, "promotion", None, 1)]
    assert not status(versions, FAMILY).pending
