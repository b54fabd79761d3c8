import os
import socket
import subprocess
import sys

import psutil
import pytest

from atelier.registry.tracking.processes import is_gone, this_process

HOST = socket.gethostname()


@pytest.fixture(scope="module")
def ended():
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_this_process_is_running():
    assert not is_gone(this_process())


def test_an_ended_process_is_gone(ended):
    assert is_gone(f"{HOST}:{ended}:123.00")


def test_a_later_process_with_the_same_id_is_another_one():
    name, _, created = this_process().rpartition(":")
    assert is_gone(f"{name}:{float(created) + 10:.2f}")


def test_a_correction_of_the_clock_does_not_change_a_process():
    name, _, created = this_process().rpartition(":")
    assert not is_gone(f"{name}:{float(created) - 1:.2f}")


def test_a_process_of_another_user_is_not_known_to_be_gone(monkeypatch):
    def deny(self):
        raise psutil.AccessDenied

    name = this_process()
    monkeypatch.setattr(psutil.Process, "create_time", deny)
    assert not is_gone(name)


def test_nothing_is_known_of_other_machines_and_other_forms(ended):
    for process in (f"elsewhere:{ended}:123.00", "", HOST, f"{HOST}:x:1.00"):
        assert not is_gone(process)


@pytest.mark.parametrize("end", ["", ":123"], ids=["no creation time", "clock ticks"])
def test_of_a_name_of_an_earlier_version_only_the_id_counts(ended, end):
    assert is_gone(f"{HOST}:{ended}{end}")
    assert not is_gone(f"{HOST}:{os.getpid()}{end}")
