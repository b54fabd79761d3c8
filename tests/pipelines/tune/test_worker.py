import os
import threading

import pytest

from pipelines.tune import worker


@pytest.fixture
def ended(monkeypatch):
    """Set when the process would have ended."""
    event = threading.Event()
    monkeypatch.setattr(worker.os, "_exit", lambda code: event.set())
    return event


def test_a_worker_whose_parent_died_before_it_could_look_ends(ended):
    worker.end_with_parent(parent=os.getpid())  # somebody who is not its parent
    assert ended.wait(10)


def test_a_worker_whose_parent_lives_goes_on(ended):
    worker.end_with_parent(parent=os.getppid())
    assert not ended.wait(0.1)
