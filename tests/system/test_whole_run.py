"""The pipeline as a user runs it: `kedro run` in a project folder of its own, on tiny sample data."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
import yaml

from pipelines.lifecycle.families import FAMILIES
from tests.helpers.projects import Kedro, kedro_in

pytestmark = pytest.mark.system
FAMILY = "quickdraw_classifier"
each_family = pytest.mark.parametrize("family", FAMILIES)


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "project", symlinks=True)
    return tmp_path / "project"


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()}


def count(project: Path, query: str) -> int:
    with sqlite3.connect(project / "mlflow.db") as database:
        return int(database.execute(query).fetchone()[0])


@each_family
def test_the_run_leaves_one_champion_with_its_whole_lineage(finished: Path, family: str) -> None:
    with sqlite3.connect(finished / "mlflow.db") as database:
        aliases = database.execute("select name, alias, version from registered_model_aliases").fetchall()
    card = json.loads((finished / f"data/test/models/{family}/card.json").read_text())
    entered, data = FAMILIES[family], finished / "data/test"
    folders = {name: data / ("prepared" if name in entered.data else "raw") / name for name in entered.input_types}
    manifests = entered.open_inputs(folders).manifests()
    assert [found for found in aliases if found[0] == family] == [(family, "champion", 1)]
    assert card["lineage"]["data"] == {name: manifest.content_hash for name, manifest in manifests.items()}
    assert card["lineage"]["raw"] == {name: manifest.raw_hash for name, manifest in manifests.items()}
    assert card["lineage"]["judges"] == dict.fromkeys(FAMILIES[family].judges, "1")
    assert all(metric["low"] <= metric["value"] <= metric["high"] for metric in card["metrics"].values())


def test_a_second_run_has_nothing_to_do(copied: Path) -> None:
    before = files(copied / "data")
    kedro_in(copied)("run", "--env", "test")
    after = files(copied / "data")
    assert {path for path in before if before[path] != after.get(path) and "reports" not in path} == set()
    assert count(copied, "select count(*) from runs") == len(FAMILIES)
    assert count(copied, "select count(*) from model_versions") == len(FAMILIES)


@each_family
def test_a_changed_parameter_makes_a_challenger_and_the_gate_judges_it(copied: Path, family: str) -> None:
    kedro = kedro_in(copied)
    done = kedro("run", "--env", "test", "--params", f"{family}.training.seed=7")
    verdict = json.loads((copied / f"data/test/reports/{family}/verdict.json").read_text())
    assert count(copied, f"select count(*) from model_versions where name = '{family}'") == 2
    assert count(copied, "select count(*) from model_versions") == len(FAMILIES) + 1
    assert verdict["challenger"] == "2"
    assert verdict["champion"] == "1"
    assert next(rule["metric"] for rule in verdict["comparisons"] if rule["primary"]) in done.stdout


@each_family
def test_tuning_writes_what_the_next_training_starts_with(copied: Path, family: str) -> None:
    kedro = kedro_in(copied)
    kedro("run", "--env", "test", "--pipelines", "tune", "--params", f"family={family},trials=2")
    tuned = yaml.safe_load((copied / "conf/test/tuned.yml").read_text())["tuned"]
    assert tuned[family]
    assert count(copied, "select count(*) from tags where key = 'optuna.trial'") == 2
    done = kedro("run", "--env", "test", "--pipelines", family)
    assert next(iter(tuned[family])) in done.stdout + done.stderr


def test_rollback_needs_somewhere_to_go_back_to(copied: Path) -> None:
    done = kedro_in(copied)("run", "--pipelines", "rollback", "--params", f"family={FAMILY}", check=False)
    assert done.returncode != 0
    assert FAMILY in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_mistyped_environment_is_named_before_anything_runs(kedro: Kedro, project: Path) -> None:
    done = kedro("run", "--env", "smal", check=False)
    assert done.returncode != 0
    assert "smal" in done.stdout + done.stderr
    assert "small" in done.stdout + done.stderr
    assert not (project / "data").exists()


def test_a_mistyped_parameter_is_named_before_anything_runs(kedro: Kedro, project: Path) -> None:
    done = kedro("run", "--env", "test", "--params", "famly=quickdraw_classifier", check=False)
    assert done.returncode != 0
    assert "There is no parameter 'famly'. Did you mean family" in done.stdout + done.stderr
    assert not (project / "data").exists()


@pytest.mark.parametrize("setting", ["training.epochs=0", "training.epoch=3", "gate.rules.top1.floor=high"])
def test_a_nonsense_parameter_stops_the_run_before_it_starts(kedro: Kedro, project: Path, setting: str) -> None:
    done = kedro("run", "--env", "test", "--params", f"{FAMILY}.{setting}", check=False)
    assert done.returncode != 0
    assert setting.split("=")[0].split(".")[-1] in done.stdout + done.stderr
    assert not (project / "data").exists()
