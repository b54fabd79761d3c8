import subprocess
import sys

import pytest

from atelier.registry.models import Registry
from atelier.registry.promotion import challenge
from atelier.registry.status import fingerprint, standing
from atelier.registry.tracking import backend
from tests.helpers.registries import FAMILY, GATE, TEST_HASH, add_challenger, enter, evaluation, process_environment


@pytest.fixture
def promoted(versions):
    enter(versions, 3)
    return versions


class Unreachable(Registry):
    @property
    def client(self):
        raise AssertionError("MLflow was asked")


def test_it_names_champion_challenger_and_last_verdict(promoted):
    enter(promoted, 4)
    now = standing(promoted, FAMILY)
    assert (now.champion.number, now.challenger.number, now.verdict.challenger) == (3, 4, "4")
    assert now.metrics["top1"] == evaluation(160).metrics["top1"]
    assert now.settled


def test_a_family_that_never_registered_stands_empty(registry):
    now = standing(registry, FAMILY)
    assert (now.champion, now.challenger, now.verdict, now.settled) == (None, None, None, True)


def test_an_unchanged_file_is_answered_from_memory_and_a_changed_one_is_not(promoted):
    first = standing(promoted, FAMILY)
    assert standing(Unreachable(promoted.uri), FAMILY) == first
    promoted.set_alias(promoted.version(FAMILY, 4), "challenger")
    assert standing(promoted, FAMILY).challenger.number == 4
    assert standing(Unreachable(promoted.uri), FAMILY).challenger.number == 4


def test_several_families_are_remembered_together(promoted):
    standing(promoted, FAMILY)
    standing(promoted, "another")
    recalled = Unreachable(promoted.uri)
    assert standing(recalled, FAMILY).champion.number == 3
    assert standing(recalled, "another").champion is None


def test_a_damaged_memory_is_not_believed(promoted):
    first = standing(promoted, FAMILY)
    place = backend.database(promoted.uri).with_name("mlflow.db.standing.json")
    place.write_text("{", encoding="utf-8")
    assert standing(promoted, FAMILY) == first
    place.write_text(place.read_text().replace('"settled"', '"sorted"'), encoding="utf-8")
    assert standing(promoted, FAMILY) == first


def test_nan_is_remembered(registry, tmp_path):
    add_challenger(registry, tmp_path, "a", 150, ece=float("nan"))
    challenge(registry, FAMILY, GATE, TEST_HASH, None)
    asked = standing(registry, FAMILY)
    assert standing(Unreachable(registry.uri), FAMILY).verdict.reasons == asked.verdict.reasons


def test_a_file_in_the_middle_of_a_transaction_has_no_fingerprint(promoted):
    database = backend.database(promoted.uri)
    assert fingerprint(database)
    database.with_name("mlflow.db-journal").touch()
    assert fingerprint(database) is None
    assert fingerprint(database.with_name("absent.db")) is None


def test_a_run_with_nothing_to_do_does_not_load_mlflow(promoted):
    standing(promoted, FAMILY)
    code = f"""
import sys
from atelier.registry.models import Registry
from atelier.registry.summary import summary
summary(Registry(sys.argv[1]), {{{FAMILY!r}: "top1"}})
sys.exit("mlflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code, promoted.uri], env=process_environment())
    assert done.returncode == 0
