"""The cores of the machine, shared between worker processes."""

import os
import sys

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def cores() -> int:
    """Number of cores that this process may use; on macOS and Windows, all cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_environment(workers: int) -> dict[str, str]:
    """Environment variables of one of `workers` processes: its share of the cores, and the module path of this process.

    The frameworks read their number of threads when they are loaded, so it must be set before a process starts.
    """
    threads = str(max(1, cores() // workers))
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, **dict.fromkeys(_THREADS, threads), "PYTHONPATH": path}
