from pathlib import Path
from typing import Any

import pytest

from pipelines.lifecycle.job import Job, JobState
from tests.helpers.family_settings import family_settings

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
