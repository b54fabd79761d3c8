"""Entry of a worker process: `python -m pipelines.processes.worker <parent> <module:function> <argument> …`."""

import os
import signal
import sys
import threading
import time
from importlib import import_module

import psutil

from atelier.errors import AtelierError
from atelier.registry.tracking import access

_POLL_S = 0.5


def main(parent: str, target: str, *arguments: str) -> None:
    """Call a function with these arguments.

    An `AtelierError`, or an error of MLflow that a user can act on, becomes the last line of the log.

    Parameters
    ----------
    parent
        Process id of the process that started this one.
    target
        The function, as `package.module:function`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent as well, which then ends its workers
    signal.signal(signal.SIGTERM, _interrupt)
    end_with_parent(int(parent))
    module, function = target.split(":")
    try:
        getattr(import_module(module), function)(*arguments)
    except KeyboardInterrupt:
        sys.exit(1)
    except AtelierError as error:
        sys.exit(f"error: {error}")
    except Exception as error:
        message = access.explain(error)
        if message is None:
            raise
        sys.exit(f"error: {message}")


def _interrupt(*_: object) -> None:
    """End as by Ctrl-C, so that what is open is closed."""
    raise KeyboardInterrupt


def end_with_parent(parent: int) -> None:
    """End this process within a second after its parent has ended, so that a killed parent leaves no worker behind.

    Parameters
    ----------
    parent
        Process id of the parent. It must come from the parent itself: when the parent is killed before this function
        is called, asking the system would give the process that adopted this one.
    """
    this = psutil.Process()

    def watch() -> None:
        # On POSIX systems an orphan gets another parent. On Windows it keeps the process id of the old one: psutil
        # compares the start times, so that a new process with the same id is not mistaken for the parent.
        while (found := this.parent()) is not None and found.pid == parent:
            time.sleep(_POLL_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
