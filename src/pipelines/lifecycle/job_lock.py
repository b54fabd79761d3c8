"""One process at a time works on a job: from its start to its registration, or to the end of the process."""

from pathlib import Path

from pipelines.processes.locks import Lock

_held: dict[Path, Lock] = {}


def hold(folder: Path, family: str) -> None:
    """Take the lock of a job's folder, unless this process has it already.

    The lock is a file beside the folder, as the folder itself is replaced when another job begins.

    Raises
    ------
    AtelierError
        When another process has it; the message names that process.
    """
    place = folder.absolute()
    if place not in _held:
        lock = Lock(place.with_name(f"{place.name}.lock"), f"{family} is being trained")
        lock.__enter__()
        _held[place] = lock


def release(folder: Path) -> None:
    """Give the lock back; without it, nothing happens."""
    lock = _held.pop(folder.absolute(), None)
    if lock is not None:
        lock.release()
