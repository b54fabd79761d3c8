"""Slots: how many requests are computed at the same time, and how many may wait for it."""

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any, Literal, TypeVar

from atelier.service.http.errors import BusyError
from atelier.service.http.limits import LIMITS

Result = TypeVar("Result")
Cost = Literal["light", "medium", "heavy"]
"""`light`: milliseconds. `medium`: tens of milliseconds, such as an image that is decoded and classified. `heavy`: up
to seconds, such as the stylization of a photo."""

WEIGHT = 0.2
"""Of the last request in the moving average of the seconds that requests take."""
PATIENCE = 0.6
"""Fraction of the time limit that a request is expected to take at most, because requests differ."""


class Slots:
    """Threads that compute, with a bounded queue.

    A request that is canceled while it waits is never computed. One that is canceled while it is computed keeps its
    thread until it is done: threads cannot be interrupted, and their number stays a true bound of the work.

    Parameters
    ----------
    threads
        Number of requests that are computed at the same time.
    waiting
        Number of requests that may wait.
    patience
        Seconds in which a request should be done. One that would probably take longer is refused at once, instead of
        being given up after it has waited.
    """

    def __init__(self, threads: int, waiting: int, name: str = "slot", patience: float = math.inf) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads = threads
        self._most = threads + waiting
        self._patience = patience
        self._taken = 0
        self._seconds = 0.0  # that a request takes: a moving average
        self._lock = Lock()

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, computed in one of the threads.

        Raises
        ------
        BusyError
            If too many requests wait already.
        """
        with self._lock:
            expected = self._seconds * (self._taken + 1) / self._threads
            if self._taken >= self._most or (self._taken >= self._threads and expected > self._patience):
                raise BusyError("The service is busy: too many requests are waiting. Send it again in a few seconds.")
            self._taken += 1
        future = self._pool.submit(self._timed, work)
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def _timed(self, work: Callable[[], Result]) -> Result:
        begin = monotonic()
        try:
            return work()
        finally:
            with self._lock:
                self._seconds += WEIGHT * (monotonic() - begin - self._seconds)

    def _release(self, _: Future[Any]) -> None:
        with self._lock:
            self._taken -= 1


SLOTS: dict[Cost, Slots] = {
    "light": Slots(LIMITS.light_threads, LIMITS.light_waiting, "light", PATIENCE * LIMITS.timeout_s),
    "medium": Slots(LIMITS.medium_threads, LIMITS.medium_waiting, "medium", PATIENCE * LIMITS.timeout_s),
    "heavy": Slots(LIMITS.heavy_threads, LIMITS.heavy_waiting, "heavy", PATIENCE * LIMITS.timeout_s),
}
"""Cheap requests do not wait behind expensive ones."""
