"""A lock on a file, between processes, that says who holds it."""

import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import psutil
from filelock import lock_descriptor
from pydantic import ValidationError

from atelier.errors import AtelierError
from atelier.settings import Settings

T = TypeVar("T")

_POLL_S = 0.1


class LockHolder(Settings):
    """What the process that holds a lock wrote into the file."""

    pid: int
    host: str
    command: str
    """Its command line."""
    what: str
    """What is being done under the lock: `family quickdraw_gan is being trained`."""
    since: str
    """Local date and time."""

    @classmethod
    def this_process(cls, what: str) -> "LockHolder":
        now = datetime.now().isoformat(sep=" ", timespec="seconds")
        return cls(pid=os.getpid(), host=socket.gethostname(), command=" ".join(sys.argv), what=what, since=now)

    def __str__(self) -> str:
        who = f"process {self.pid} on {self.host} ({self.command})"
        if self.host == socket.gethostname() and not psutil.pid_exists(self.pid):
            who = f"worker processes of {who}, which has ended"
        return f"{self.what} by {who} since {self.since}"


def locked(function: Callable[..., T], what: str) -> Callable[..., T]:
    """The same function, which holds the lock of its argument `folder`, the file `<folder>.lock`, while it runs.

    Parameters
    ----------
    function
        Is called with keyword arguments only, such as the function of a Kedro node.
    what
        As for `Lock`.
    """

    @wraps(function)
    def run(*, folder: Path, **arguments: Any) -> T:
        with Lock(folder.with_name(f"{folder.name}.lock"), what):
            return function(folder=folder, **arguments)

    return run


class Lock:
    """An exclusive lock on a file; the system releases it when its holders have ended, even by a kill.

    A worker process that inherits `descriptor` (`subprocess.Popen(…, pass_fds=…)`) holds the lock as well: another
    process gets it only when this one and all its workers are gone. On Windows a lock cannot be inherited.

    Parameters
    ----------
    path
        The file; created, with its folder, when it does not exist. It is never deleted: a process that waits for the
        deleted file and one that creates it anew would both get the lock.
    what
        What is being done under the lock, as a clause that `by process 123` can follow: `study 1f is being run`.
    patience_s
        How many seconds to wait for the lock; None: without end.

    Attributes
    ----------
    descriptor
        Of the open file; -1 while this process does not hold the lock.
    """

    # `filelock.FileLock` would not do: it unlocks the file explicitly, which takes the lock away from the workers that
    # inherited it, too, and does not offer its descriptor. Its function `lock_descriptor` locks a file that we open,
    # on every system; closing that file releases the lock once nobody else has it open.

    def __init__(self, path: Path, what: str, patience_s: float | None = 0.0) -> None:
        self._path, self._what, self._patience_s = path, what, patience_s
        self.descriptor = -1

    def __enter__(self) -> "Lock":
        """Take the lock.

        Raises
        ------
        AtelierError
            When another process still holds it after `patience_s`; the message names that process.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self.descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT)
        end = None if self._patience_s is None else time.monotonic() + self._patience_s
        while not lock_descriptor(self.descriptor, blocking=False):
            if end is not None and time.monotonic() >= end:
                self.release()
                raise AtelierError(f"{self._holder()}. Wait until it has finished, or stop it. (Lock: {self._path})")
            time.sleep(_POLL_S)
        self._write_holder()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Close the file. Calling it again does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _write_holder(self) -> None:
        # The first byte is a blank: on Windows the locked byte, which is the first, cannot be read by others.
        os.ftruncate(self.descriptor, 0)
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        os.write(self.descriptor, b" " + LockHolder.this_process(self._what).model_dump_json().encode() + b"\n")

    def _holder(self) -> str:
        try:
            with self._path.open("rb", buffering=0) as file:
                file.seek(1)
                return str(LockHolder.model_validate_json(file.read()))
        except (OSError, ValidationError):  # the other process is about to write it
            return f"{self._what} by another process"
