"""Identity of processes: which process works on a run, and whether it is still running."""

import os
import socket

import psutil

_CLOCK_CHANGE_S = 2.0
"""Largest change of a creation time: it is computed from the system's clock, which may be corrected in between."""


def this_process() -> str:
    """`host:process id:creation time`, the time in seconds since 1970 with two decimals."""
    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.2f}"


def is_gone(process: str) -> bool:
    """Whether this is a process of this machine that has ended. Of other machines nothing is known, so False.

    The creation time tells it from a later process with the same id.

    Parameters
    ----------
    process
        As `this_process` returns it. Names without a creation time, or with one in clock ticks (no decimals), were
        written by earlier versions; for these only the process id counts.
    """
    host, number, created = [*process.split(":"), "", ""][:3]
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        running = psutil.Process(int(number)).create_time()
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
    return "." in created and abs(running - float(created)) > _CLOCK_CHANGE_S
