import os
import socket
import subprocess
import sys

import pytest

from atelier.errors import AtelierError
from pipelines.processes.locks import Lock, locked

HOLD = """
import sys
from pathlib import Path
from pipelines.processes.locks import Lock
with Lock(Path(sys.argv[1]), "Family toy is being trained"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "job.lock"


@pytest.fixture
def holder(path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def take(path, patience_s=0):
    with Lock(path, "Something else is being done", patience_s):
        pass


def test_the_error_says_who_holds_the_lock_and_what_to_do(path, holder):
    with pytest.raises(AtelierError) as raised:
        take(path)
    message = str(raised.value)
    assert f"Family toy is being trained by process {holder.pid} on {socket.gethostname()} (-c" in message
    assert "since 20" in message
    assert "Wait until it has finished, or stop it." in message
    assert str(path) in message


def test_a_kill_releases_the_lock(path, holder):
    holder.kill()
    holder.wait()
    take(path)


def test_a_lock_is_exclusive_within_a_process_and_free_after_its_release(path):
    with Lock(path, "First") as lock:
        with pytest.raises(AtelierError, match=f"First by process {os.getpid()}"):
            take(path)
        lock.release()
        lock.release()
        take(path)


@pytest.mark.parametrize("patience_s", [60, None])
def test_a_process_with_patience_gets_the_lock_when_it_is_released(path, monkeypatch, patience_s):
    first = Lock(path, "First").__enter__()
    monkeypatch.setattr("pipelines.processes.locks.time.sleep", lambda seconds: first.release())
    take(path, patience_s)


def test_before_the_holder_is_written_the_error_does_without_it(path):
    with Lock(path, "First"):
        path.write_text("")
        with pytest.raises(AtelierError, match=r"^Something else is being done by another process\. Wait"):
            take(path)


@pytest.mark.skipif(sys.platform == "win32", reason="locks are not inherited on Windows")
def test_a_worker_that_inherits_the_lock_holds_it_after_its_parent(path):
    with Lock(path, "First") as lock:
        worker = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock.descriptor,))
    with pytest.raises(AtelierError, match="First"):
        take(path)
    worker.communicate()
    take(path)


def test_workers_of_a_process_that_has_ended_are_named_as_such(path, holder):
    with Lock(path.with_name("other.lock"), "First"):
        content = path.read_text()
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        path.with_name("other.lock").write_text(content.replace(f'"pid":{holder.pid}', f'"pid":{ended.pid}'))
        with pytest.raises(AtelierError, match=rf"by worker processes of process {ended.pid} .*which has ended"):
            take(path.with_name("other.lock"))


def test_a_locked_function_refuses_a_folder_that_another_process_works_on(tmp_path):
    def fill(folder, content):
        folder.mkdir()
        (folder / "file").write_text(content)
        return folder

    fill_locked = locked(fill, "Data are being fetched")
    with Lock(tmp_path / "raw.lock", "Data are being prepared"):
        with pytest.raises(AtelierError, match="Data are being prepared by process"):
            fill_locked(folder=tmp_path / "raw", content="mine")
        assert not (tmp_path / "raw").exists()
        assert fill_locked(folder=tmp_path / "other", content="mine").exists()
    assert fill_locked(folder=tmp_path / "raw", content="mine") == tmp_path / "raw"
