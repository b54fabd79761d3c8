"""The worker processes of the experiment: started, watched, stopped together."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from atelier.errors import AtelierError
from pipelines.augment.training_run import is_finished
from pipelines.processes.locks import Lock, last_line, worker_environment

_POLL_S = 0.5


def run_cells(cells: Sequence[Path], workers: int, logs: Path, lock: Lock, report: Callable[[Path], None]) -> None:
    """Finish cells, in so many processes at a time. They all train equally long, so each process gets equally many.

    Parameters
    ----------
    cells
        Folders of cells that are not finished.
    logs
        Folder for what the workers print.
    lock
        Held; workers hold it too, until they end.
    report
        Called once for each cell that is finished.

    Raises
    ------
    AtelierError
        When a worker fails or is killed.
    """
    waiting, workers = list(cells), min(workers, len(cells))
    places = [logs / f"worker-{number}.log" for number in range(workers)]
    processes = [_start(waiting[number::workers], workers, log, lock) for number, log in enumerate(places)]
    try:
        working = bool(processes)
        while working:
            codes = [process.poll() for process in processes]
            working = None in codes
            for cell in [cell for cell in waiting if is_finished(cell)]:
                waiting.remove(cell)
                report(cell)
            for code, log in zip(codes, places, strict=True):
                _check(code, log)
            time.sleep(_POLL_S if working else 0)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _start(cells: Sequence[Path], workers: int, log: Path, lock: Lock) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipelines.augment.worker", str(os.getpid()), *map(str, cells)]
    with log.open("wb") as output:
        return subprocess.Popen(
            command, env=worker_environment(workers), stdout=output, stderr=output, pass_fds=(lock.descriptor,)
        )


def _check(code: int | None, log: Path) -> None:
    if code is not None and code > 0:
        raise AtelierError(f"A training failed: {last_line(log)} (see {log})")
    if code is not None and code < 0:
        raise AtelierError(
            f"A training was killed by signal {-code}. Is there enough memory? Lower augment.workers; "
            "the same command goes on from here."
        )
