"""Answers that are worth keeping: each is computed once, and the one that was asked for longest ago is forgotten."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """A bounded cache for several threads. Whoever asks for what another thread is computing waits for that.

    Parameters
    ----------
    capacity
        How many answers are kept, at least 1.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, Future[T]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, compute: Callable[[], T]) -> T:
        """What `compute` answered under this key. An error is raised for all who wait, and not kept."""
        with self._lock:
            answer = self._kept.get(key)
            known = answer is not None
            if answer is None:
                answer = self._kept[key] = Future()
            self._kept.move_to_end(key)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        if not known:
            self._compute(key, answer, compute)
        return answer.result()

    def _compute(self, key: str, answer: Future[T], compute: Callable[[], T]) -> None:
        try:
            answer.set_result(compute())
        except BaseException as error:
            with self._lock:
                if self._kept.get(key) is answer:
                    del self._kept[key]
            answer.set_exception(error)
