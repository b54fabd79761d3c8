"""Waiting for what another process does."""

import subprocess
import time
from collections.abc import Callable
from typing import Any


def wait_until(
    condition: Callable[[], object], process: "subprocess.Popen[Any] | None" = None, timeout_s: float = 120
) -> None:
    """Wait until the condition is true. Give the process that is expected to make it true, if there is one.

    Raises
    ------
    AssertionError
        When the process has ended or the time is over, and the condition is still false.
    """
    end = time.monotonic() + timeout_s
    while not condition():
        assert process is None or process.poll() is None or condition(), (
            f"the process ended too early, with {process.returncode}"
        )
        assert time.monotonic() < end, f"the condition is still false after {timeout_s} s"
        time.sleep(0.01)
