"""The lock of a job. A process holds it from the start of the job to its registration, or until the process ends."""

from pathlib import Path

from pipelines.processes.locks import Lock

_held: dict[Path, Lock] = {}


def hold(folder: Path, family: str) -> None:
    """Acquire the lock of a job's folder, unless this process holds it already.

    The lock file is not in the folder, because the folder is replaced when another job begins.

    Raises
    ------
    AtelierError
        When another process holds it. The message names this process.
    """
    path = folder.absolute()
    if path not in _held:
        lock = Lock(path.with_name(f"{path.name}.lock"), f"{family} is being trained")
        lock.__enter__()
        _held[path] = lock


def release(folder: Path) -> None:
    """Release the lock if this process holds it."""
    lock = _held.pop(folder.absolute(), None)
    if lock is not None:
        lock.release()
