import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from atelier.registry.tracking.processes import is_gone, this_process

HOST = socket.gethostname()


@pytest.fixture(scope="module")
def ended():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_this_process_is_there():
    assert not is_gone(this_process())


def test_an_ended_process_is_gone(ended):
    assert is_gone(f"{HOST}:{ended}:123")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell starts of processes")
def test_a_number_that_was_given_anew_is_another_process():
    name, _, start = this_process().rpartition(":")
    assert is_gone(f"{name}:{int(start) + 1}")


def test_nothing_is_known_of_other_machines_and_other_forms(ended):
    for process in (f"elsewhere:{ended}:123", "", HOST, f"{HOST}:x:1"):
        assert not is_gone(process)


def test_a_name_without_a_start_goes_by_the_number(ended):
    assert is_gone(f"{HOST}:{ended}")
    assert not is_gone(f"{HOST}:{os.getpid()}")
