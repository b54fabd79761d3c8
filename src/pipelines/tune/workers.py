"""Run a study in worker processes, under a lock."""

from collections.abc import Callable
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial

from pipelines.processes.locks import Lock
from pipelines.processes.pool import WorkerPool, WorkerTask
from pipelines.tune.study import finished, open_study, requeue_running
from pipelines.tune.study_spec import StudySpec

_PATIENCE_S = 15.0
"""The workers of a killed process end within a second; until then they hold the lock."""
_MAX_RESTARTS = 5
"""A trial that needs too much memory would be killed and started again without end."""


def study_lock(folder: Path, family: str) -> Lock:
    """Held while a study is run in `folder`, by the process that runs it and by its workers.

    Raises
    ------
    AtelierError
        On entering, when another process runs the same study.
    """
    what = f"Study {folder.name} of family {family} is being run"
    return Lock(folder / "study.lock", what, _PATIENCE_S)


def run_study(spec: StudySpec, folder: Path, lock: Lock, report: Callable[[FrozenTrial], None]) -> optuna.Study:
    """Bring the study to its number of finished trials; trials that a kill interrupted are resumed.

    Parameters
    ----------
    folder
        The study's folder.
    lock
        Its `study_lock`, held.
    report
        Called once for each trial that finishes.

    Raises
    ------
    AtelierError
        When a worker fails because training raises an error, or workers are killed more than five times.
    """
    spec.write(folder)
    study = open_study(spec.storage, spec.study, spec.tuning)
    requeue_running(study)
    reported = {trial.number for trial in finished(study)}
    if len(reported) >= spec.trials:
        return study

    def report_new() -> None:
        for trial in finished(study):
            if trial.number not in reported:
                reported.add(trial.number)
                report(trial)

    task = WorkerTask(
        target="pipelines.tune.worker:run_worker",
        name="trial",
        advice="Lower workers or the sizes in tuning.space.",
        restarts=_MAX_RESTARTS,
        on_killed=lambda number: requeue_running(study, number),
    )
    WorkerPool(task, [(str(folder), str(number)) for number in range(spec.workers)], folder, lock).run(report_new)
    return study
