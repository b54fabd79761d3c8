import pytest

from atelier.errors import AtelierError
from pipelines.augment.workers import run_in_workers
from pipelines.processes.locks import Lock
from tests.helpers.shell_workers import run_as_shell_scripts


@pytest.fixture
def run(tmp_path, monkeypatch):
    """`run_in_workers` with shell scripts as workers; a training is finished when there is a file `done` in it."""
    monkeypatch.setattr("pipelines.augment.workers.is_finished", lambda folder: (folder / "done").exists())

    def call(script, trainings=3, workers=2):
        folders = [tmp_path / str(number) for number in range(trainings)]
        for folder in folders:
            folder.mkdir()
        run_as_shell_scripts(monkeypatch, script)
        reported = []
        with Lock(tmp_path / "lock", "The test is being run") as lock:
            run_in_workers(folders, workers, tmp_path, lock, lambda folder: reported.append(folder.name))
        return reported

    return call


TRAIN = 'echo $4; shift 4; echo "$@"; for folder; do touch $folder/done; done'


def test_every_training_is_run_once_and_reported_once(run, tmp_path):
    assert sorted(run(TRAIN)) == ["0", "1", "2"]
    printed = [(tmp_path / f"worker-{number}.log").read_text().split() for number in (0, 1)]
    assert {line[0] for line in printed} == {"pipelines.augment.training_run:run_trainings"}
    assert [[folder[-1] for folder in line[1:]] for line in printed] == [["0", "2"], ["1"]]


def test_there_are_no_more_workers_than_trainings(run, tmp_path):
    assert run(TRAIN, trainings=1, workers=8) == ["0"]
    assert not (tmp_path / "worker-1.log").exists()


def test_without_trainings_nothing_is_started(run, tmp_path):
    assert run("exit 1", trainings=0) == []
    assert not list(tmp_path.glob("worker*"))


def test_the_error_of_a_worker_is_raised_with_its_message(run):
    with pytest.raises(AtelierError, match=r"A training failed: no luck \(see .*worker-0\.log\)"):
        run("echo 'error: no luck' >&2; exit 1", trainings=1)


def test_a_killed_worker_is_an_error_that_says_how_to_resume(run):
    with pytest.raises(AtelierError, match=r"signal 9.*memory.*augment\.workers.*same command again to resume"):
        run("kill -9 $$", trainings=1)
