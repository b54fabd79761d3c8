"""Worker processes: their share of the cores, their end, and a lock that tells who works on a folder."""

import fcntl
import os
import sys
import threading
import time
from pathlib import Path

from atelier.errors import AtelierError

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def worker_environment(workers: int) -> dict[str, str]:
    """Environment of one of so many worker processes: its share of the cores, and the modules that this one finds."""
    threads = str(max(1, cores() // workers))
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, **dict.fromkeys(_THREADS, threads), "PYTHONPATH": path}


def last_line(log: Path) -> str:
    """What a worker said last, an error without its prefix."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = [line for line in lines if line.strip()]
    return said[-1].removeprefix("error: ") if said else "the worker said nothing"


def end_with_parent(parent: int) -> None:
    """A killed parent leaves no worker behind that would go on unseen.

    The parent tells its process id: one that is killed before its worker can ask is not the parent any more.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Lock:
    """An exclusive lock on a file, between processes; the system releases it when its holders are gone.

    Parameters
    ----------
    path
        The file; made when it is not there.
    patience_s
        How long to wait; None: for ever.
    """

    def __init__(self, path: Path, patience_s: float | None = None) -> None:
        self._path, self._patience = path, patience_s
        self.descriptor = -1

    def __enter__(self) -> "Lock":
        self.descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT)
        if self._patience is None:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX)
            return self
        end = time.monotonic() + self._patience
        while not self._try():
            if time.monotonic() > end:
                self.release()
                raise AtelierError(f"Another process holds {self._path}: wait until it is done, or stop it.")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let go; calling it again does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def cores() -> int:
    """Cores that this process may use; on macOS, which cannot tell, all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
