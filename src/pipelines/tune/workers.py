"""The worker processes of a study: started, watched, replaced when killed, stopped together."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import optuna
from optuna.trial import FrozenTrial

from atelier.errors import AtelierError
from pipelines.processes.locks import Lock, last_line, worker_environment
from pipelines.tune.plan import Plan
from pipelines.tune.study import finished, open_study, take_back

_POLL_S = 0.5
_PATIENCE_S = 15.0
"""Workers whose parent was killed are gone within a second."""
_MOST_DEATHS = 5
"""Killed workers are replaced so many times: a trial that runs out of memory would do so for ever."""


def study_lock(folder: Path) -> Lock:
    """Held by whoever searches in this study's folder, workers included: those of a killed parent, until they end.

    Raises
    ------
    AtelierError
        On entering, when another process works on the same study.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return Lock(folder / "study.lock", _PATIENCE_S)


def run_study(plan: Plan, folder: Path, lock: Lock, report: Callable[[FrozenTrial], None]) -> optuna.Study:
    """Bring the study to its number of finished trials, whatever a killed run left of it.

    Parameters
    ----------
    folder
        The study's folder.
    lock
        Its `study_lock`, held.
    report
        Called once for each trial that finishes meanwhile.

    Raises
    ------
    AtelierError
        When a worker fails because training raised an error, or workers are killed again and again.
    """
    plan.write(folder)
    study = open_study(plan.storage, plan.study, plan.tuning)
    take_back(study)
    seen = {trial.number for trial in finished(study)}
    with Crew(plan, folder, study, lock) as crew:
        working = len(seen) < plan.trials
        while working:
            working = crew.is_working()
            for trial in finished(study):
                if trial.number not in seen:
                    seen.add(trial.number)
                    report(trial)
            time.sleep(_POLL_S if working else 0)
    return study


class Crew:
    """The processes that work on one study; none of them outlives the `with` block."""

    def __init__(self, plan: Plan, folder: Path, study: optuna.Study, lock: Lock) -> None:
        self._plan, self._folder, self._study, self._lock = plan, folder, study, lock
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._deaths = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()

    def is_working(self) -> bool:
        """Start whoever is missing. False when all have ended of themselves: the study is complete."""
        for number in range(self._plan.workers):
            process = self._processes.get(number)
            code = process.poll() if process else None
            if process is None:
                self._start(number)
            elif code is not None and code > 0:
                raise AtelierError(f"A trial failed: {last_line(self._log(number))} (see {self._log(number)})")
            elif code is not None and code < 0:
                self._replace(number, signal=-code)
        return any(process.poll() != 0 for process in self._processes.values())

    def _replace(self, number: int, signal: int) -> None:
        self._deaths += 1
        if self._deaths > _MOST_DEATHS:
            raise AtelierError(
                f"Tuning workers were killed {self._deaths} times, last by signal {signal}. Is there enough memory? "
                "Lower workers or the sizes in tuning.space; the same command goes on from here."
            )
        take_back(self._study, number)
        self._start(number)

    def _start(self, number: int) -> None:
        """Start a worker with its share of the cores; what it prints goes to its log file."""
        environment = worker_environment(self._plan.workers)
        command = [sys.executable, "-m", "pipelines.tune.worker", str(self._folder), str(number), str(os.getpid())]
        with self._log(number).open("ab") as log:
            self._processes[number] = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, pass_fds=(self._lock.descriptor,)
            )

    def _log(self, number: int) -> Path:
        return self._folder / f"worker-{number}.log"
