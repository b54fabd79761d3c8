"""A pool of worker processes that run one function: started, watched, and ended together."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from atelier.errors import AtelierError
from pipelines.processes.cores import worker_environment
from pipelines.processes.locks import Lock

_POLL_S = 0.5


@dataclass(frozen=True)
class WorkerTask:
    """What the workers of a pool do.

    Attributes
    ----------
    target
        The function that a worker calls, as `package.module:function`.
    name
        What a worker runs, for messages: `trial`.
    advice
        A sentence: what to do when the system kills workers, which it does where there is too little memory.
    restarts
        How many times, in all, a killed worker is started again.
    on_killed
        Called with the number of a killed worker before it is started again.
    """

    target: str
    name: str
    advice: str
    restarts: int = 0
    on_killed: Callable[[int], None] | None = None


@dataclass(frozen=True)
class _Worker:
    process: Popen[bytes]
    log: Path
    log_start: int
    """Size of the log, in bytes, when the process started."""

    def last_line(self) -> str:
        """What the process printed last, without the prefix of an error."""
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            printed = file.read().decode("utf-8", errors="replace")
        lines = [line for line in printed.split("\n") if line.strip()]
        return lines[-1].removeprefix("error: ") if lines else "the worker printed nothing"


class WorkerPool:
    """Worker processes, each with its share of the cores; all of them end with `run`.

    Parameters
    ----------
    task
        What they do.
    arguments
        Arguments of the function, one sequence for each worker: so many are started.
    folder
        Where each worker writes what it prints, to `worker-<number>.log`; former content is kept.
    lock
        Held by this process. The workers inherit it, so that it stays locked until they have ended, too.
    """

    def __init__(self, task: WorkerTask, arguments: Sequence[Sequence[str]], folder: Path, lock: Lock) -> None:
        self._task, self._arguments, self._folder, self._lock = task, arguments, folder, lock
        self._workers: dict[int, _Worker] = {}
        self._kills = 0

    def run(self, on_poll: Callable[[], None]) -> None:
        """Start the workers and wait until all have ended without an error.

        Parameters
        ----------
        on_poll
            Called twice a second, and once after the last worker has ended, to report what was finished.

        Raises
        ------
        AtelierError
            When a worker fails, with the last line it printed, or when workers are killed more than `restarts` times.
        """
        try:
            for number in range(len(self._arguments)):
                self._start(number)
            while self._are_running(on_poll):
                time.sleep(_POLL_S)
        finally:
            for worker in self._workers.values():
                worker.process.kill()
            for worker in self._workers.values():
                worker.process.wait()

    def _are_running(self, on_poll: Callable[[], None]) -> bool:
        codes = {number: worker.process.poll() for number, worker in self._workers.items()}
        on_poll()
        for number, code in codes.items():
            if code is not None and code != 0:
                self._raise_or_restart(number, code)
        return any(code != 0 for code in codes.values())

    def _raise_or_restart(self, number: int, code: int) -> None:
        worker = self._workers[number]
        if code > 0:
            raise AtelierError(f"A {self._task.name} failed: {worker.last_line()} (see {worker.log})")
        self._kills += 1
        if self._kills > self._task.restarts:
            times = "once" if self._kills == 1 else f"{self._kills} times"
            raise AtelierError(
                f"Workers were killed {times}, the last one in a {self._task.name} by signal {-code}. "
                f"Is there enough memory? {self._task.advice} Run the same command again to resume from here."
            )
        if self._task.on_killed:
            self._task.on_killed(number)
        self._start(number)

    def _start(self, number: int) -> None:
        command = [sys.executable, "-m", "pipelines.processes.worker", str(os.getpid()), self._task.target]
        log = self._folder / f"worker-{number}.log"
        # On Windows a process cannot inherit a lock; there the workers of a killed parent outlive it by a second.
        inherited = () if sys.platform == "win32" else (self._lock.descriptor,)
        with log.open("ab") as output:
            start = output.tell()
            process = Popen(
                [*command, *self._arguments[number]],
                env=worker_environment(len(self._arguments)),
                stdout=output,
                stderr=output,
                pass_fds=inherited,
            )
        self._workers[number] = _Worker(process, log, start)
