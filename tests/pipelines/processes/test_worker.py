import os
import subprocess
import sys
import threading
import time

import pytest

from atelier.errors import AtelierError
from pipelines.processes import worker


@pytest.fixture
def ended(monkeypatch):
    """Set when the process would have ended."""
    event = threading.Event()
    monkeypatch.setattr(worker.os, "_exit", lambda code: event.set())
    return event


def fail(message):
    raise AtelierError(message)


def test_a_worker_whose_parent_died_before_it_could_look_ends(ended):
    worker.end_with_parent(parent=os.getpid())  # a process that is not its parent
    assert ended.wait(10)


def test_a_worker_whose_parent_lives_does_not_end(ended):
    worker.end_with_parent(parent=os.getppid())
    assert not ended.wait(0.1)


def test_an_atelier_error_becomes_a_line_without_a_traceback(monkeypatch, ended):
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit, match=r"^error: no luck$"):
        worker.main(str(os.getppid()), f"{__name__}:fail", "no luck")


def lose_the_server(_):
    from mlflow.exceptions import MlflowException

    raise MlflowException("API request to http://host/api failed with exception refused")


def test_a_server_that_stopped_answering_becomes_a_line_too(monkeypatch, ended):
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit, match=r"^error: The MLflow server stopped answering"):
        worker.main(str(os.getppid()), f"{__name__}:lose_the_server", "")


def test_a_worker_that_is_asked_to_end_closes_what_is_open(tmp_path):
    (tmp_path / "opened.py").write_text(
        "import pathlib, time\n"
        "def wait(folder):\n"
        "    try:\n"
        "        pathlib.Path(folder, 'open').touch()\n"
        "        time.sleep(600)\n"
        "    finally:\n"
        "        pathlib.Path(folder, 'closed').touch()\n"
    )
    command = [sys.executable, "-m", "pipelines.processes.worker", str(os.getpid()), "opened:wait", str(tmp_path)]
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE) as process:
        while not (tmp_path / "open").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.terminate()
        _, errors = process.communicate()
    assert (tmp_path / "closed").exists()
    assert process.returncode == 1
    assert b"Traceback" not in errors
