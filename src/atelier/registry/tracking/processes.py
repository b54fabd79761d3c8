"""Which process works on a run, and whether it still does."""

import os
import socket
from pathlib import Path


def this_process() -> str:
    """`host:process id:start`, the start in clock ticks since the machine's; empty where the system has no /proc."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start(os.getpid())}"


def is_gone(process: str) -> bool:
    """Whether this was a process of this machine and runs no more; of other machines nothing is known."""
    host, number, start = [*process.split(":"), "", ""][:3]
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # someone else's process, which may have been given the number anew
        pass
    return bool(start) and _start(int(number)) not in ("", start)


def _start(number: int) -> str:
    """When the process was started: field 22 of its stat file. A number is given anew, a start with it is not."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]  # field 2, the command, may hold blanks and brackets
