"""A worker process of the experiment: `python -m pipelines.augment.worker <parent> <cell's folder> …`."""

import signal
import sys
from pathlib import Path

from atelier.errors import AtelierError
from pipelines.augment.training_run import work
from pipelines.processes.locks import end_with_parent


def main(parent: str, *folders: str) -> None:
    """Entry of the process; Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(int(parent))
    try:
        for folder in folders:
            work(Path(folder))
    except AtelierError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
