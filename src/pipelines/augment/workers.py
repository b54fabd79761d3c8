"""Run the trainings of the experiment in worker processes."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.augment.training_run import is_finished
from pipelines.processes.locks import Lock
from pipelines.processes.pool import WorkerPool, WorkerTask

TASK = WorkerTask(
    target="pipelines.augment.training_run:run_trainings",
    name="training",
    advice="Lower augment.workers.",
)


def run_in_workers(
    folders: Sequence[Path], workers: int, logs: Path, lock: Lock, report: Callable[[Path], None]
) -> None:
    """Finish trainings, `workers` at a time. All take equally long, so each process gets the same number of them.

    Parameters
    ----------
    folders
        Of trainings that are not finished.
    logs
        Folder for what the workers print.
    lock
        Held; the workers hold it too, until they end.
    report
        Called once for each training that is finished, with its folder.

    Raises
    ------
    AtelierError
        When a worker fails or is killed.
    """
    workers = min(workers, len(folders))
    shares = [[str(folder) for folder in folders[number::workers]] for number in range(workers)]
    unfinished = list(folders)

    def report_new() -> None:
        for folder in [folder for folder in unfinished if is_finished(folder)]:
            unfinished.remove(folder)
            report(folder)

    WorkerPool(TASK, shares, logs, lock).run(report_new)
