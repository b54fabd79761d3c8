"""Slots: how many requests are computed at the same time, and how many may wait for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, Literal, TypeVar

from atelier.service.http.errors import BusyError
from atelier.service.http.limits import LIMITS

Result = TypeVar("Result")
Cost = Literal["light", "heavy"]
"""`light`: milliseconds. `heavy`: up to seconds, such as the stylization of a photo."""


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
    """

    def __init__(self, threads: int, waiting: int, name: str = "slot") -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + waiting
        self._taken = 0
        self._lock = Lock()

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, computed in one of the threads.

        Raises
        ------
        BusyError
            If too many requests wait already.
        """
        with self._lock:
            if self._taken >= self._most:
                raise BusyError("The service is busy: too many requests are waiting. Send it again in a few seconds.")
            self._taken += 1
        future = self._pool.submit(work)
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def _release(self, _: Future[Any]) -> None:
        with self._lock:
            self._taken -= 1


SLOTS: dict[Cost, Slots] = {
    "light": Slots(LIMITS.light_threads, LIMITS.light_waiting, "light"),
    "heavy": Slots(LIMITS.heavy_threads, LIMITS.heavy_waiting, "heavy"),
}
"""Cheap requests do not wait behind expensive ones."""
