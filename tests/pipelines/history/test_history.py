import json

import pytest

from atelier.errors import BadInputError
from atelier.registry import history
from atelier.registry.rollback import roll_back
from pipelines.history.nodes import show_history
from pipelines.history.pipeline import create_pipeline
from tests.helpers.registered_families import register_family
from tests.helpers.registries import FAMILY, gate_version
from tests.pipelines.promote.test_promote import DoublerInputs, DoublerSettings


@pytest.fixture(autouse=True)
def doubler(monkeypatch):
    register_family(monkeypatch, FAMILY, DoublerSettings, DoublerInputs)


def test_the_pipeline_reads_family_time_and_registry():
    assert create_pipeline().inputs() == {"params:family", "params:at", "registry", "params:folders.reports"}


def test_it_prints_and_writes_who_was_champion_when(versions, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    gate_version(versions, 1)
    gate_version(versions, 2)
    roll_back(versions, FAMILY, "too slow")
    show_history(FAMILY, None, versions, tmp_path)
    printed = capsys.readouterr().out
    assert [line.split("│")[1].strip() for line in printed.splitlines() if "│ v" in line] == ["v1", "v2", "v1"]
    assert "v2 is promoted." in printed
    assert "rolled back from v2 to v1: too slow" in printed
    written = json.loads((tmp_path / FAMILY / "history.json").read_text())
    assert [each["version"] for each in written["champions"]] == ["1", "2", "1"]
    assert written["champions"][-1]["until"] is None


def test_a_change_by_hand_is_noted_and_the_time_asked_for_is_answered(versions, tmp_path, capsys):
    gate_version(versions, 1)
    versions.set_alias(versions.version(FAMILY, 4), "champion")
    show_history(FAMILY, "2026-01-01", versions, tmp_path)
    assert "had no champion at 2026-01-01T00:00+00:00. The next was v1" in capsys.readouterr().out
    assert history.read(versions, FAMILY).changes[-1].number == 2
    assert "by hand" in (tmp_path / FAMILY / "history.json").read_text()


def test_before_the_first_champion_a_sentence_says_so(registry, tmp_path, capsys):
    show_history(FAMILY, None, registry, tmp_path)
    assert f"{FAMILY} has had no champion yet." in capsys.readouterr().out


@pytest.mark.parametrize(("name", "at"), [("dubler", None), (None, None), (FAMILY, "yesterday")])
def test_an_unknown_family_or_time_is_an_error(registry, tmp_path, name, at):
    with pytest.raises(BadInputError):
        show_history(name, at, registry, tmp_path)
