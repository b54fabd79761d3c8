"""`dvc repro` as a user runs it, and raw data that are pulled from a remote."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from atelier.data.prepared.dataset import PreparedData
from tests.helpers.projects import ROOT, copy_project, kedro_in, project_environment, replace_in
from tests.helpers.serving import serving

pytestmark = pytest.mark.system


def dvc(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=project,
        env=project_environment(project),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def git(project: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=project, check=True)


def commit_of(project: Path) -> str:
    """The commit from which the model was trained."""
    done = subprocess.run(["git", "rev-parse", "HEAD~1"], cwd=project, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project under DVC, set to the test environment, whose data stages have run once. The tests only read it."""
    project = copy_project(tmp_path_factory.mktemp("dvc") / "project")
    stages = project / "dvc.yaml"
    stages.write_text(stages.read_text().replace("env: base", "env: test"))
    shutil.copy(ROOT / ".gitignore", project)
    git(project, "init", "--quiet")
    dvc(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "All")
    dvc(project, "repro", "prepare")
    return project


@pytest.fixture
def tracked(prepared: Path, tmp_path: Path) -> Path:
    """A copy of the project, to be changed by the test."""
    return shutil.copytree(prepared, tmp_path / "project", symlinks=True)


def test_the_hash_of_the_raw_data_is_the_one_that_dvc_tracks(prepared: Path) -> None:
    stages = yaml.safe_load((prepared / "dvc.lock").read_text())["stages"]
    tracked_hash = stages["fetch@quickdraw"]["outs"][0]["md5"]
    assert PreparedData(prepared / "data/test/prepared/quickdraw").manifest.raw_hash == tracked_hash


def test_unchanged_stages_are_not_run_again(tracked: Path) -> None:
    assert "Running stage 'prepare@" not in dvc(tracked, "repro", "prepare")
    parameters = tracked / "conf/test/parameters_quickdraw.yml"
    parameters.write_text(parameters.read_text().replace("items_per_category: 120", "items_per_category: 130"))
    assert "fetch@quickdraw" in dvc(tracked, "repro", "prepare")
    counts = PreparedData(tracked / "data/test/prepared/quickdraw").manifest.counts
    assert sum(sum(split.values()) for split in counts.values()) > 3 * 120


def test_missing_raw_data_is_pulled_from_the_remote(tracked: Path, tmp_path: Path) -> None:
    dvc(tracked, "remote", "add", "-d", "store", str(tmp_path / "remote"))
    dvc(tracked, "push", "--quiet")
    before = PreparedData(tracked / "data/test/prepared/quickdraw").manifest.raw_hash
    for folder in ("data/test/raw", "data/test/prepared", ".dvc/cache"):
        shutil.rmtree(tracked / folder)
    done = kedro_in(tracked)("run", "--env", "test", "--pipelines", "fetch,prepare")
    assert (tracked / ".dvc/cache").exists(), done.stdout
    assert PreparedData(tracked / "data/test/prepared/quickdraw").manifest.raw_hash == before


LIFECYCLE = "lifecycle@quickdraw_classifier"
TRAINED = "epoch 1:"


def repro(project: Path) -> str:
    return dvc(project, "repro", LIFECYCLE)


@pytest.fixture(scope="module")
def trained(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which `dvc repro` has trained one family. The tests only read it."""
    project = shutil.copytree(prepared, tmp_path_factory.mktemp("trained") / "project", symlinks=True)
    repro(project)
    return project


@pytest.mark.parametrize(
    ("file", "old", "new", "stale"),
    [
        ("src/pipelines/training/on_torch/schedule.py", '"""', '"""Another comment. ', False),
        ("conf/test/parameters_fast_style.yml", "epochs:", "epochs: 3  #", False),
        ("src/pipelines/training/on_torch/schedule.py", "\nimport", "\nANOTHER_VALUE = 1\nimport", True),
        ("conf/test/parameters_quickdraw_classifier.yml", "epochs:", "epochs: 1  #", True),
    ],
    ids=["comment", "another-family", "shared-code", "own-parameter"],
)
def test_dvc_and_kedro_agree_about_what_is_stale(
    trained: Path, tmp_path: Path, file: str, old: str, new: str, stale: bool
) -> None:
    project = shutil.copytree(trained, tmp_path / "project", symlinks=True)
    replace_in(project / file, old, new)
    ran = f"Running stage '{LIFECYCLE}'" in repro(project)
    done = kedro_in(project)("run", "--env", "test", "--pipelines", "quickdraw_classifier")
    again = f"Running stage '{LIFECYCLE}'" in repro(project)
    assert (ran, TRAINED in done.stdout + done.stderr, again) == (stale, False, False)


def test_dvc_shows_what_changed_in_parameters_metrics_and_images(trained: Path, tmp_path: Path) -> None:
    project = shutil.copytree(trained, tmp_path / "project", symlinks=True)
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "Trained")
    replace_in(project / "conf/test/parameters_quickdraw_classifier.yml", "epochs:", "epochs: 1  #")
    repro(project)
    name = "quickdraw_classifier.training.epochs"
    assert {name: {"old": 3, "new": 1, "diff": -2}} in json.loads(dvc(project, "params", "diff", "--json")).values()
    metrics = json.loads(dvc(project, "metrics", "diff", "--json"))
    changed = metrics["data/test/models/quickdraw_classifier/metrics.json"]
    assert changed.keys() == {"top1", "map3", "macro_f1", "ece"}
    assert changed["top1"]["diff"] != 0
    dvc(project, "plots", "diff", "HEAD")
    pages = {path.name.partition("_")[0] for path in (project / "dvc_plots/static").glob("*confusion.png")}
    assert pages == {"HEAD", "workspace"}


def test_an_experiment_trains_with_another_parameter_and_promotes_nothing(trained: Path, tmp_path: Path) -> None:
    project = shutil.copytree(trained, tmp_path / "project", symlinks=True)
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "Trained")
    changed = "conf/test/parameters_quickdraw_classifier.yml:quickdraw_classifier.training.epochs=1"
    dvc(project, "exp", "run", "-S", changed, LIFECYCLE)
    (commit,) = (each for each in json.loads(dvc(project, "exp", "show", "--json")) if each["rev"] != "workspace")
    (experiment,) = (each["revs"][0]["data"] for each in commit["experiments"])
    parameters = experiment["params"]["conf/test/parameters_quickdraw_classifier.yml"]["data"]
    metrics = experiment["metrics"]["data/test/models/quickdraw_classifier/metrics.json"]["data"]
    assert parameters["quickdraw_classifier"]["training"]["epochs"] == 1
    assert 0 <= metrics["top1"] <= 1
    assert not list((project / "data/test/reports").glob("*/verdict.json"))


def test_in_a_second_clone_the_pulled_model_is_registered_promoted_and_served_without_training(
    trained: Path, tmp_path: Path
) -> None:
    project, clone = shutil.copytree(trained, tmp_path / "project", symlinks=True), tmp_path / "clone"
    dvc(project, "remote", "add", "-d", "store", str(tmp_path / "remote"))
    dvc(project, "push", "--quiet")
    git(project, "add", "dvc.lock", ".dvc/config")
    git(project, "commit", "--quiet", "--message", "Trained")
    git(tmp_path, "clone", "--quiet", str(project), str(clone))
    dvc(clone, "pull", "--quiet", "--with-deps", LIFECYCLE)
    kedro = kedro_in(clone)
    done = kedro("run", "--env", "test", "--pipelines", "quickdraw_classifier")
    assert TRAINED not in done.stdout + done.stderr
    assert "v1 is promoted" in kedro("run", "--env", "test", "--nodes", "promote.quickdraw_classifier").stdout
    kedro("run", "--env", "test", "--pipelines", "package")
    version = json.loads((clone / "data/test/models/bento.json").read_text())["tag"]
    run_id = json.loads((clone / "data/test/models/quickdraw_classifier/card.json").read_text())["lineage"]["run_id"]
    with serving(clone / "bentoml", version, cwd=tmp_path) as service:
        answer = service.post("/classify_drawing", json={"strokes": [[[0, 255], [0, 255]]]}).json()
        (model,) = [each for each in service.get("/models").json()["models"] if each["ready"]]
    assert answer["version"] == "1"
    assert model["card"]["lineage"]["run_id"] == run_id
    assert model["card"]["lineage"]["git_commit"] == commit_of(project)
