import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from pipelines.families.quickdraw_classifier.settings import ClassifierInputs
from pipelines.lifecycle.job import Job, JobState, job_key
from tests.helpers.family_settings import family_settings
from tests.helpers.registries import manifest

FAMILY = "quickdraw_classifier"


def state(key: str, **changes: Any) -> JobState:
    settings = family_settings(FAMILY, changes).model_dump(mode="json")
    return JobState(family=FAMILY, key=key, tracking_uri="sqlite:///mlflow.db", settings=settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models" / FAMILY


def train(folder: Path, key: str) -> None:
    job = Job.begin(folder, state(key))
    (folder / "checkpoint").write_text(f"weights of {key}")
    job.mark_done("train")


def test_the_same_job_is_resumed(folder: Path) -> None:
    train(folder, "one")
    job = Job.begin(folder, state("one"))
    assert job.is_done("train")
    assert not job.is_done("export")
    assert (folder / "checkpoint").read_text() == "weights of one"


def test_another_job_starts_in_an_empty_folder(folder: Path) -> None:
    train(folder, "one")
    job = Job.begin(folder, state("two"))
    assert not job.is_done("train")
    assert not (folder / "checkpoint").exists()


def test_the_previous_job_is_resumed_when_its_parameters_are_used_again(folder: Path) -> None:
    train(folder, "one")
    train(folder, "two")
    assert Job.begin(folder, state("one")).is_done("train")
    assert (folder / "checkpoint").read_text() == "weights of one"
    assert Job.begin(folder, state("two")).is_done("train")
    assert (folder / "checkpoint").read_text() == "weights of two"


def test_a_changed_gate_is_stored_and_the_job_stays_done(folder: Path) -> None:
    train(folder, "one")
    changed = state("one", gate={"seed": 5})
    assert Job.begin(folder, changed).is_done("train")
    assert Job.open(folder).settings.gate.seed == 5


def test_beginning_a_job_again_writes_nothing(folder: Path) -> None:
    train(folder, "one")
    before = (folder / "job.json").stat().st_mtime_ns
    Job.begin(folder, state("one"))
    assert (folder / "job.json").stat().st_mtime_ns == before


def test_a_folder_without_a_state_is_not_used(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "checkpoint").write_text("of unknown origin")
    Job.begin(folder, state("one"))
    assert not (folder / "checkpoint").exists()


@pytest.mark.parametrize("renames", [1, 2, 3])
def test_a_kill_between_renames_loses_no_training(folder: Path, monkeypatch: pytest.MonkeyPatch, renames: int) -> None:
    train(folder, "one")
    train(folder, "two")
    count, rename = iter(range(1, 10)), Path.rename

    def killed_rename(self: Path, target: Path) -> Path:
        if next(count) == renames:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed_rename)
    with pytest.raises(KeyboardInterrupt):
        Job.begin(folder, state("one"))
    monkeypatch.undo()
    assert Job.begin(folder, state("one")).is_done("train")


def test_another_tracking_address_is_the_same_job(folder: Path) -> None:
    train(folder, "one")
    moved = state("one").model_copy(update={"tracking_uri": "http://mlflow.example"})
    assert Job.begin(folder, moved).is_done("train")
    assert Job.open(folder).state.tracking_uri == "http://mlflow.example"


def test_the_commit_is_that_of_the_training(folder: Path) -> None:
    job = Job.begin(folder, state("one").model_copy(update={"git": ("a" * 40, False)}))
    job.mark_done("train")
    again = Job.begin(folder, state("one").model_copy(update={"git": ("b" * 40, True)}))
    assert again.state.git == ("a" * 40, False)


def test_a_kill_while_the_job_before_is_removed_leaves_no_steps_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(folder, "one")
    train(folder, "two")

    def killed(path: Path, **_: Any) -> None:
        for file in path.iterdir():
            if file.name != "job.json":
                file.unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        train(folder, "three")
    monkeypatch.undo()
    assert not Job.begin(folder, state("one")).is_done("train")


def test_a_job_that_is_begun_again_in_an_empty_folder_is_another_attempt(folder: Path) -> None:
    attempt = Job.begin(folder, state("one")).state.attempt
    assert Job.begin(folder, state("one")).state.attempt == attempt
    shutil.rmtree(folder)
    assert Job.begin(folder, state("one")).state.attempt not in ("", attempt)


@pytest.fixture
def begun(folder: Path, tmp_path: Path) -> Callable[..., None]:
    """Begin a job; returns a function that compares other parameters and data with it."""

    def inputs(train: str) -> ClassifierInputs:
        prepared = tmp_path / train
        prepared.mkdir(exist_ok=True)
        hashes = {"train": train, "val": "1" * 64, "test": "2" * 64}
        (prepared / "manifest.json").write_text(
            manifest("quickdraw").model_copy(update={"split_hashes": hashes}).model_dump_json()
        )
        return ClassifierInputs(quickdraw=PreparedData(prepared))

    job = Job.begin(folder, state(job_key(FAMILY, family_settings(FAMILY), inputs("a"))))

    def check(changes: dict[str, Any], train: str = "a") -> None:
        job.check_is_current(family_settings(FAMILY, changes), inputs(train))

    return check


def test_parameters_that_a_single_step_cannot_honor_are_refused(begun: Callable[..., None]) -> None:
    begun({"gate": {"seed": 5}})
    with pytest.raises(BadInputError, match=r"other parameters \(training\).*quickdraw_classifier.start"):
        begun({"training": {"seed": 77}})


def test_data_that_have_changed_since_the_start_are_refused(begun: Callable[..., None]) -> None:
    with pytest.raises(BadInputError, match=r"other data or code.*quickdraw_classifier.start"):
        begun({}, train="b")
