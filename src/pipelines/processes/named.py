"""Processes that run at the same time, each with a name that stands before every line that it prints."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from subprocess import PIPE, STDOUT, Popen, TimeoutExpired
from typing import Self

from atelier.errors import AtelierError
from pipelines.processes.cores import worker_environment

_PATIENCE_S = 5.0
"""How many seconds a process gets to end by itself, such as to close its MLflow run."""


class NamedProcesses:
    """Calls one function in several processes with other arguments, a number of them at a time.

    Leaving its context ends the processes that are still running.

    Parameters
    ----------
    target
        The function, as `package.module:function`.
    arguments
        Name of a process → the arguments of the function. Of those that wait, the first in this order is started first.
    count
        How many run at a time, each with its share of the cores; the others wait.
    advice
        Sentences: what to do when the system kills one, which it does where there is too little memory.

    Attributes
    ----------
    running
        Those that are running, or have ended since the last call of `finished`.
    """

    def __init__(self, target: str, arguments: Mapping[str, Sequence[str]], count: int, advice: str) -> None:
        self._target, self._arguments, self._count, self._advice = target, arguments, count, advice
        self._width = max(len(name) for name in arguments)
        self._readers = ThreadPoolExecutor(count)
        self._processes: list[Popen[str]] = []
        self._waiting: list[str] = []
        self._lock = threading.Lock()
        self.running: dict[Future[None], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
        end = time.monotonic() + _PATIENCE_S
        for process in self._processes:
            with suppress(TimeoutExpired):
                process.wait(max(0.0, end - time.monotonic()))
            process.kill()
        self._readers.shutdown()

    def start(self, name: str) -> None:
        """Start a process, or let it wait until `finished` finds that one has ended."""
        self._waiting.append(name)
        self._start_waiting()

    def finished(self, wait_for_one: bool) -> list[str]:
        """The names of those that have ended since the last call; as many of the waiting ones are started.

        Raises
        ------
        AtelierError
            When one has failed, with the error message that it printed, or was killed.
        """
        found = wait(self.running, timeout=None if wait_for_one else 0, return_when=FIRST_COMPLETED).done
        for future in found:
            future.result()
        names = [self.running.pop(future) for future in found]
        self._start_waiting()
        return names

    def _start_waiting(self) -> None:
        while self._waiting and len(self.running) < self._count:
            name = next(name for name in self._arguments if name in self._waiting)
            self._waiting.remove(name)
            self._processes.append(self._open(name))
            self.running[self._readers.submit(self._read, name, self._processes[-1])] = name

    def _read(self, name: str, process: Popen[str]) -> None:
        assert process.stdout is not None
        last: list[str] = []
        for line in process.stdout:
            with self._lock:  # or lines of several processes would run together
                print(f"{name:<{self._width}} | {line.rstrip()}", flush=True)
            if line.strip():
                # An error message has one or more lines. Of anything else, such as a traceback, the last line is told.
                is_message = bool(last) and last[0].startswith("error: ") and not line.startswith("error: ")
                last = [*last, line.rstrip()] if is_message else [line.rstrip()]
        code = process.wait()
        if code < 0:
            advice = f" {self._advice}" if -code == signal.SIGKILL else ""
            raise AtelierError(f"The process of {name} was killed by signal {-code}.{advice}")
        if code:
            reason = "\n".join(last).removeprefix("error: ") or "it printed nothing"
            raise AtelierError(reason if reason.startswith(f"{name}:") else f"{name}: {reason}")

    def _open(self, name: str) -> Popen[str]:
        command = [sys.executable, "-m", "pipelines.processes.worker", str(os.getpid()), self._target]
        return Popen(
            [*command, *self._arguments[name]],
            env={**worker_environment(self._count), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
            stdout=PIPE,
            stderr=STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
