import os
import subprocess

import pytest

from atelier.errors import AtelierError
from pipelines.augment.workers import run_cells
from pipelines.processes.locks import Lock


@pytest.fixture
def run(tmp_path, monkeypatch):
    """`run_cells` with shell scripts as workers, called as a worker is; a cell is finished when `done` lies in it."""
    real = subprocess.Popen
    monkeypatch.setattr("pipelines.augment.workers._POLL_S", 0.01)
    monkeypatch.setattr("pipelines.augment.workers.is_finished", lambda cell: (cell / "done").exists())

    def call(script, cells=3, workers=2):
        folders = [tmp_path / str(number) for number in range(cells)]
        for folder in folders:
            folder.mkdir()
        shell = ["/bin/sh", "-c", script]
        monkeypatch.setattr("subprocess.Popen", lambda command, **rest: real([*shell, *command], **rest))
        reported = []
        with Lock(tmp_path / "lock") as lock:
            run_cells(folders, workers, tmp_path, lock, lambda folder: reported.append(folder.name))
        return reported

    return call


WORK = 'parent=$3; shift 3; echo $parent $OMP_NUM_THREADS "$@"; for cell; do touch $cell/done; done'


def test_every_cell_is_worked_on_once_and_reported_once(run, tmp_path):
    assert sorted(run(WORK)) == ["0", "1", "2"]
    said = [(tmp_path / f"worker-{number}.log").read_text().split() for number in (0, 1)]
    assert {line[0] for line in said} == {str(os.getpid())}
    assert [[cell[-1] for cell in line[2:]] for line in said] == [["0", "2"], ["1"]]


def test_no_more_workers_than_cells(run, tmp_path):
    assert run(WORK, cells=1, workers=8) == ["0"]
    assert not (tmp_path / "worker-1.log").exists()


def test_without_cells_nothing_is_started(run, tmp_path):
    assert run("exit 1", cells=0) == []
    assert not list(tmp_path.glob("worker*"))


def test_a_worker_s_error_is_told_in_its_own_words(run):
    with pytest.raises(AtelierError, match=r"A training failed: no luck \(see .*worker-0\.log\)"):
        run("echo 'error: no luck' >&2; exit 1", cells=1)


def test_a_killed_worker_says_that_the_command_goes_on(run):
    with pytest.raises(AtelierError, match=r"signal 9.*memory.*goes on from here"):
        run("kill -9 $$", cells=1)


def test_the_other_workers_end_with_the_one_that_failed(run, tmp_path):
    script = 'case "$4" in */0) exit 1;; *) echo $$ > ' + str(tmp_path / "pid") + "; exec sleep 60;; esac"
    with pytest.raises(AtelierError, match="A training failed: the worker said nothing"):
        run(script, cells=2)
    if (tmp_path / "pid").exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)
