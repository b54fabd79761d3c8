"""Threads that compete for the lock of a family's aliases."""

import threading

from atelier.registry.exclusive import exclusive
from atelier.registry.models import Registry


def most_at_a_time(registry: Registry, family: str, threads: int = 4, times: int = 5) -> int:
    """How many of some threads were inside of the lock at the same time at most; each gets it so many times.

    An error of a thread is raised here.
    """
    inside, most, errors = [0], [0], []

    def work() -> None:
        try:
            for _ in range(times):
                with exclusive(registry, family, patience_s=60):
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                    inside[0] -= 1
        except Exception as error:
            errors.append(error)

    started = [threading.Thread(target=work) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    if errors:
        raise errors[0]
    return most[0]
