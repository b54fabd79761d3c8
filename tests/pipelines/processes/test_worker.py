import os
import threading

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
