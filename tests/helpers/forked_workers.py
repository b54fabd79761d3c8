"""Worker processes that start in milliseconds: they are forked in advance, with everything imported.

In place of `subprocess.Popen` in `pipelines.processes.pool`. What the real one does besides, to start an interpreter
and to pass the lock to it, is tested with real workers.
"""

import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import IO

from pipelines.processes.worker import main

_context = multiprocessing.get_context("fork")


class ForkedWorkers:
    """Call it as `Popen`; it hands the command to one of the waiting processes.

    Create it while this process has no threads and no open databases, which a fork would copy.
    """

    def __init__(self, number: int) -> None:
        self._waiting = [_Waiting() for _ in range(number)]

    def __call__(
        self, command: list[str], env: dict[str, str], stdout: IO[bytes], stderr: IO[bytes], pass_fds: tuple[int, ...]
    ) -> "_Started":
        return self._waiting.pop().begin(command[3:], env, [stdout.fileno(), *pass_fds], Path(str(stdout.name)))


class _Waiting:
    def __init__(self) -> None:
        self._ours, theirs = _context.Pipe()
        self._process = _context.Process(target=_wait_and_work, args=(theirs, self._ours), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, arguments: list[str], env: dict[str, str], descriptors: list[int], log: Path) -> "_Started":
        self._ours.send((arguments, env, len(descriptors)))
        for descriptor in descriptors:
            send_handle(self._ours, descriptor, self._process.pid)
        log.with_suffix(".pid").write_text(str(self._process.pid))
        return _Started(self._process)


class _Started:
    """The methods of a `Popen` that the pool calls."""

    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process

    def poll(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> None:
        self._process.join()


def _wait_and_work(connection: "Connection", other_end: "Connection") -> None:
    other_end.close()
    try:
        arguments, environment, number = connection.recv()
    except EOFError:  # the parent has ended
        return
    output, *_inherited = [recv_handle(connection) for _ in range(number)]
    for stream in (1, 2):
        os.dup2(output, stream)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = environment["PYTHONPATH"].split(os.pathsep)
    main(*arguments)
