import os
import sys

import pytest

from atelier.errors import AtelierError
from pipelines.processes.locks import Lock
from pipelines.processes.pool import WorkerPool, WorkerTask
from tests.helpers.shell_workers import run_as_shell_scripts


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a pool whose workers are shell scripts."""

    def call(script, workers=1, on_poll=lambda: None, **options):
        run_as_shell_scripts(monkeypatch, script)
        task = WorkerTask(target="module:function", name="job", advice="Lower workers.", **options)
        with Lock(tmp_path / "lock", "The test is being run") as lock:
            WorkerPool(task, [[f"job-{number}"] for number in range(workers)], tmp_path, lock).run(on_poll)

    return call


def printed(folder, number=0):
    return (folder / f"worker-{number}.log").read_text().split()


def test_each_worker_gets_parent_function_arguments_and_its_share_of_the_cores(run, tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.processes.cores.cores", lambda: 5)
    run('echo "$@" $OMP_NUM_THREADS', workers=2)
    expected = ["-m", "pipelines.processes.worker", str(os.getpid()), "module:function"]
    assert printed(tmp_path, 0) == [*expected, "job-0", "2"]
    assert printed(tmp_path, 1) == [*expected, "job-1", "2"]


def test_it_polls_after_the_last_worker_has_ended(run, tmp_path):
    found = []
    run(f"touch {tmp_path}/done", on_poll=lambda: found.append((tmp_path / "done").exists()))
    assert found[-1]


def test_without_arguments_nothing_is_started(run, tmp_path):
    run("exit 1", workers=0)
    assert not list(tmp_path.glob("worker*"))


def test_the_last_line_of_a_worker_is_the_reason_of_its_failure(run):
    with pytest.raises(AtelierError, match=r"A job failed: no luck \(see .*worker-0\.log\)"):
        run("echo epoch 1; echo 'error: no luck' >&2; echo; exit 1")


def test_former_content_of_the_log_is_kept_and_is_not_the_reason(run, tmp_path):
    (tmp_path / "worker-0.log").write_text("error: long ago\n")
    with pytest.raises(AtelierError, match="A job failed: the worker printed nothing"):
        run("exit 1")
    assert printed(tmp_path) == ["error:", "long", "ago"]


def test_a_killed_worker_is_an_error_that_says_what_to_do(run):
    with pytest.raises(AtelierError, match=r"once.*signal 9.*memory\? Lower workers\. Run the same command again"):
        run("kill -9 $$")


def test_a_killed_worker_is_started_again_up_to_a_number(run, tmp_path):
    killed = []
    with pytest.raises(AtelierError, match="killed 3 times"):
        run("echo started; kill -9 $$", restarts=2, on_killed=killed.append)
    assert killed == [0, 0]
    assert printed(tmp_path) == ["started"] * 3
    run(f"test -e {tmp_path}/again || {{ touch {tmp_path}/again; kill -9 $$; }}", restarts=1)


def test_the_other_workers_end_with_the_one_that_failed(run, tmp_path):
    wait = f"until test -s {tmp_path}/pid; do sleep 0.01; done"
    script = f"case $5 in job-0) {wait}; exit 1;; *) echo $$ > {tmp_path}/pid; exec sleep 600;; esac"
    with pytest.raises(AtelierError, match="A job failed"):
        run(script, workers=2)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_all_workers_end_when_polling_raises(run, tmp_path):
    def interrupt():
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(f"echo $$ > {tmp_path}/pid; exec sleep 600", on_poll=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="locks are not inherited on Windows")
def test_workers_inherit_the_lock(tmp_path, monkeypatch):
    run_as_shell_scripts(monkeypatch, f"until test -e {tmp_path}/released; do sleep 0.01; done")
    task = WorkerTask(target="module:function", name="job", advice="")
    held = []

    def release_and_try():
        if not held:
            lock.release()
            with pytest.raises(AtelierError, match="The test is being run"):
                Lock(tmp_path / "lock", "Another test is being run").__enter__()
            held.append(True)
            (tmp_path / "released").touch()

    with Lock(tmp_path / "lock", "The test is being run") as lock:
        WorkerPool(task, [[]], tmp_path, lock).run(release_and_try)
    assert held
    Lock(tmp_path / "lock", "Another test is being run").__enter__().release()
