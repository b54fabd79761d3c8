import os
import threading

import pytest

from atelier.errors import AtelierError
from pipelines.processes import locks
from pipelines.processes.locks import Lock, last_line


@pytest.fixture
def ended(monkeypatch):
    """Set when the process would have ended."""
    event = threading.Event()
    monkeypatch.setattr(locks.os, "_exit", lambda code: event.set())
    return event


def test_a_worker_whose_parent_died_before_it_could_look_ends(ended):
    locks.end_with_parent(parent=os.getpid())  # somebody who is not its parent
    assert ended.wait(10)


def test_a_worker_whose_parent_lives_goes_on(ended):
    locks.end_with_parent(parent=os.getppid())
    assert not ended.wait(0.1)


def test_what_a_worker_said_last_is_told_without_its_prefix(tmp_path):
    log = tmp_path / "log"
    log.write_text("epoch 1\nerror: no luck\n\n")
    assert last_line(log) == "no luck"
    log.write_text("\n")
    assert last_line(log) == "the worker said nothing"


def test_lock_is_exclusive_and_says_what_to_do(tmp_path):
    second = Lock(tmp_path / "lock", patience_s=0)
    with Lock(tmp_path / "lock"), pytest.raises(AtelierError, match="wait until it is done"):
        second.__enter__()
    with Lock(tmp_path / "lock", patience_s=0) as lock:
        lock.release()
        lock.release()
