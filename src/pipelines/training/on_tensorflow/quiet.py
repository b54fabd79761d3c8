"""TensorFlow talks about what this machine does not have; nobody asked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_start() -> Iterator[None]:
    """Import TensorFlow within the block: it greets on the file descriptor, before its own settings are read.

    An exception comes through as always.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what it says later; set it yourself to hear it
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
