"""Two processes of one family's aliases, with the lock as MLflow keeps it."""

import time

import pytest

from atelier.errors import AtelierError
from atelier.registry import exclusive as module
from atelier.registry.exclusive import HOLDER, LEASE_S, SINCE, TOKEN, exclusive
from tests.helpers.competitors import most_at_a_time
from tests.helpers.registries import FAMILY

LOCK = f"{FAMILY}.lock"
GONE = {HOLDER: "another-machine:1:0.00", TOKEN: "a", SINCE: str(time.time() - LEASE_S - 60)}


def models(registry):
    return [model.name for model in registry.client.search_registered_models()]


def test_the_lock_exists_within_the_block_only(registry):
    with exclusive(registry, FAMILY):
        assert models(registry) == [LOCK]
    assert models(registry) == []


def test_an_error_in_the_block_releases_the_lock(registry):
    with pytest.raises(KeyError), exclusive(registry, FAMILY):
        raise KeyError
    assert models(registry) == []


def test_a_second_process_is_told_who_holds_the_lock(registry):
    with (
        exclusive(registry, FAMILY),
        pytest.raises(AtelierError, match=rf"{FAMILY} is being promoted .* by the process \S+:\d+:.*delete .* {LOCK}"),
        exclusive(registry, FAMILY, patience_s=0),
    ):
        pass


def test_families_do_not_exclude_each_other(registry):
    with exclusive(registry, FAMILY), exclusive(registry, "another", patience_s=0):
        assert sorted(models(registry)) == ["another.lock", LOCK]


def test_an_abandoned_lock_is_taken_over(registry):
    registry.client.create_registered_model(LOCK, GONE)
    with exclusive(registry, FAMILY, patience_s=0):
        assert registry.client.get_registered_model(LOCK).tags[TOKEN] != GONE[TOKEN]
    assert models(registry) == []


def test_the_lock_of_another_machine_is_not_taken_over_before_its_time(registry):
    registry.client.create_registered_model(LOCK, GONE | {SINCE: str(time.time())})
    with pytest.raises(AtelierError, match="another-machine"), exclusive(registry, FAMILY, patience_s=0):
        pass
    assert models(registry) == [LOCK]


def test_a_lock_that_was_taken_over_meanwhile_is_not_deleted(registry):
    """A process read the tags of an abandoned lock; before it deletes the lock, there is a new one."""
    registry.client.create_registered_model(LOCK, GONE | {TOKEN: "new"})
    assert module._take_over(registry, LOCK, "old")
    assert models(registry) == [LOCK]


def test_of_many_that_find_an_abandoned_lock_one_at_a_time_gets_it(registry):
    registry.client.create_registered_model(LOCK, GONE)
    assert most_at_a_time(registry, FAMILY) == 1
