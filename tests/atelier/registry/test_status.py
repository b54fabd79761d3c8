import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from atelier.registry.missing import UnreadableArtifactsError
from atelier.registry.models import Registry
from atelier.registry.promotion import run_gate
from atelier.registry.status import fingerprint, status
from atelier.registry.tracking.address import database
from tests.helpers.registries import (
    FAMILY,
    GATE,
    TEST_HASH,
    add_challenger,
    evaluation,
    gate_version,
    process_environment,
    remove_run,
)


@pytest.fixture
def promoted(versions):
    gate_version(versions, 3)
    return versions


class Unreachable(Registry):
    @property
    def client(self):
        raise AssertionError("MLflow was used")


def test_it_names_champion_challenger_and_last_verdict(promoted):
    gate_version(promoted, 4)
    now = status(promoted, FAMILY)
    assert (now.champion.number, now.challenger.number, now.verdict.challenger) == (3, 4, "4")
    assert now.metrics["top1"] == evaluation(160).metrics["top1"]
    assert not now.pending


def test_the_status_of_a_family_without_versions_is_empty(registry):
    now = status(registry, FAMILY)
    assert (now.champion, now.challenger, now.verdict, now.pending) == (None, None, None, False)


def test_the_cache_is_used_for_an_unchanged_file_only(promoted):
    first = status(promoted, FAMILY)
    assert status(Unreachable(promoted.uri), FAMILY) == first
    promoted.set_alias(promoted.version(FAMILY, 4), "challenger")
    assert status(promoted, FAMILY).challenger.number == 4
    assert status(Unreachable(promoted.uri), FAMILY).challenger.number == 4


def test_several_families_are_cached_together(promoted):
    status(promoted, FAMILY)
    status(promoted, "another")
    cached = Unreachable(promoted.uri)
    assert status(cached, FAMILY).champion.number == 3
    assert status(cached, "another").champion is None


def test_a_damaged_cache_is_not_used(promoted):
    first = status(promoted, FAMILY)
    cache = database(promoted.uri).with_name("mlflow.db.status.json")
    cache.write_text("{", encoding="utf-8")
    assert status(promoted, FAMILY) == first
    cache.write_text(cache.read_text().replace('"pending"', '"planned"'), encoding="utf-8")
    assert status(promoted, FAMILY) == first


def test_another_spelling_of_the_file_is_the_same_cache(promoted, tmp_path, monkeypatch):
    first = status(promoted, FAMILY)
    monkeypatch.chdir(tmp_path)
    assert status(Unreachable("sqlite:///mlflow.db"), FAMILY) == first


def test_nan_is_cached(registry, tmp_path):
    add_challenger(registry, tmp_path, "a", 150, ece=float("nan"))
    run_gate(registry, FAMILY, GATE, TEST_HASH, None)
    found = status(registry, FAMILY)
    assert status(Unreachable(registry.uri), FAMILY).verdict.reasons == found.verdict.reasons


def test_while_the_champion_s_files_are_absent_nothing_is_known_and_nothing_is_promoted(promoted):
    champion = promoted.version(FAMILY, 3)
    folder = Path(promoted.client.get_run(champion.run_id).info.artifact_uri.removeprefix("file://"))
    shutil.move(folder, folder.with_name("elsewhere"))
    with pytest.raises(UnreadableArtifactsError, match=f"Cannot read the artifacts of {FAMILY} v3"):
        gate_version(promoted, 4)
    assert promoted.aliases(FAMILY)["champion"] == 3
    shutil.move(folder.with_name("elsewhere"), folder)
    assert status(promoted, FAMILY).champion.number == 3


def test_a_status_without_a_version_that_was_lost_is_not_cached(promoted, caplog):
    remove_run(promoted, 3)
    for _ in range(2):
        with caplog.at_level(logging.WARNING):
            assert status(promoted, FAMILY).champion is None
        assert f"{FAMILY} v3 is champion, but its run" in caplog.text
        caplog.clear()


def test_a_file_in_the_middle_of_a_transaction_has_no_fingerprint(promoted):
    file = database(promoted.uri)
    assert fingerprint(file)
    file.with_name("mlflow.db-journal").touch()
    assert fingerprint(file) is None
    assert fingerprint(file.with_name("absent.db")) is None


def test_a_run_with_nothing_to_do_does_not_load_mlflow(promoted):
    status(promoted, FAMILY)
    code = f"""
import sys
from atelier.registry.models import Registry
from atelier.registry.summary import summary
summary(Registry(sys.argv[1]), {{{FAMILY!r}: "top1"}})
sys.exit("mlflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code, promoted.uri], env=process_environment())
    assert done.returncode == 0
