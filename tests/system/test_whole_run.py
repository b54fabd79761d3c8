"""The pipeline as a user runs it: `kedro run` in a new project folder, on tiny sample data."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.lifecycle.families import FAMILIES
from tests.helpers.projects import FAMILY_ON_EACH_CORE, Kedro, kedro_in

pytestmark = pytest.mark.system
FAMILY = "quickdraw_classifier"
each_family = pytest.mark.parametrize("family", FAMILIES)
each_framework = pytest.mark.parametrize("family", ["quickdraw_classifier", "quickdraw_gan"])  # PyTorch, TensorFlow


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
    assert [found for found in aliases if found[0] == f"test-{family}"] == [(f"test-{family}", "champion", 1)]
    assert card["lineage"]["data"] == {name: manifest.content_hash for name, manifest in manifests.items()}
    assert card["lineage"]["raw"] == {name: manifest.raw_hash for name, manifest in manifests.items()}
    assert card["lineage"]["judges"] == dict.fromkeys(FAMILIES[family].judges, "1")
    assert all(metric["low"] <= metric["value"] <= metric["high"] for metric in card["metrics"].values())


def test_the_run_writes_nothing_into_the_home_folder(finished: Path) -> None:
    home = finished.parent / "person"
    assert [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()] == []


def test_a_second_run_has_nothing_to_do(copied: Path) -> None:
    before = files(copied / "data")
    kedro_in(copied)("run", "--env", "test")
    after = files(copied / "data")
    changed = {path for path in before if before[path] != after.get(path) and "reports" not in path}
    # Locks name the process that holds them. The copied files have other time stamps than the notes about the original.
    assert {path for path in changed if not path.endswith((".lock", ".notes.json"))} == set()
    assert count(copied, "select count(*) from runs") == len(FAMILIES)
    assert count(copied, "select count(*) from model_versions") == len(FAMILIES)


def verdict(project: Path, family: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / f"data/test/reports/{family}/verdict.json").read_text())
    return found


def assert_compared(verdict: dict[str, Any], output: str) -> None:
    """The gate compared version 2 with the champion, and printed the primary metric."""
    assert verdict["challenger"] == "2"
    assert verdict["champion"] == "1"
    assert next(rule["metric"] for rule in verdict["comparisons"] if rule["primary"]) in output


def test_a_changed_parameter_makes_a_challenger_and_the_gate_compares_it(copied: Path) -> None:
    done = kedro_in(copied)("run", "--env", "test", "--params", f"{FAMILY}.training.seed=7")
    assert count(copied, f"select count(*) from model_versions where name = 'test-{FAMILY}'") == 2
    assert count(copied, "select count(*) from model_versions") == len(FAMILIES) + 1
    assert_compared(verdict(copied, FAMILY), done.stdout)


def test_one_run_makes_and_compares_challengers_of_all_families(copied: Path) -> None:
    seeds = ",".join(f"{family}.training.seed=7" for family in FAMILIES)
    done = kedro_in(copied)("run", "--env", "test", "--params", seeds)
    for family in FAMILIES:
        assert count(copied, f"select count(*) from model_versions where name = 'test-{family}'") == 2
        assert_compared(verdict(copied, family), done.stdout)


def test_an_older_champion_is_compared_on_drawings_of_its_own_size(copied: Path) -> None:
    nodes = [f"{FAMILY}.{step}" for step in ("start", "train", "export", "evaluate", "register")]
    command = ("run", "--env", "test", "--nodes", ",".join(["prepare.quickdraw", *nodes, f"promote.{FAMILY}"]))
    done = kedro_in(copied)(*command, "--params", "quickdraw.prepare.bitmap.size=32")
    assert_compared(verdict(copied, FAMILY), done.stdout)


@each_framework
def test_tuning_writes_what_the_next_training_starts_with(copied: Path, family: str) -> None:
    kedro = kedro_in(copied)
    kedro("run", "--env", "test", "--pipelines", "tune", "--params", f"family={family},trials=2")
    tuned = yaml.safe_load((copied / "conf/test/tuned.yml").read_text())["tuned"]
    assert tuned[family]
    assert count(copied, "select count(*) from tags where key = 'optuna.trial'") == 2
    done = kedro("run", "--env", "test", "--pipelines", family)
    assert next(iter(tuned[family])) in done.stdout + done.stderr


@each_family
def test_training_logs_the_metric_that_tuning_compares(finished: Path, family: str) -> None:
    parameters = yaml.safe_load((finished / f"conf/base/parameters_{family}.yml").read_text())[family]
    logged = f"""select count(*) from metrics join runs using (run_uuid) join experiments using (experiment_id)
        where experiments.name = 'atelier/test-{family}' and key = '{parameters["tuning"]["metric"]}'"""
    assert count(finished, logged) > 0


def test_what_one_of_several_families_says_is_the_error_of_the_run(copied: Path) -> None:
    changes = f"{FAMILY}.training.seed=7,{FAMILY}.gate.budgets.parity=1e-12"
    done = kedro_in(copied)("run", "--env", "test", *FAMILY_ON_EACH_CORE, "--params", changes, check=False)
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith(f"error: {FAMILY}: the outputs of model.onnx differ")
    assert "Traceback" not in done.stdout + done.stderr
    assert not (copied / f"data/test/models/{FAMILY}/version.json").exists()


def test_rollback_needs_a_previous_champion(copied: Path) -> None:
    done = kedro_in(copied)(
        "run", "--env", "test", "--pipelines", "rollback", "--params", f"family={FAMILY}", check=False
    )
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
