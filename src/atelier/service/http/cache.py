"""A cache of arrays that several threads may use."""

from collections.abc import Callable
from operator import attrgetter
from threading import Condition

import numpy as np
from cachetools import LRUCache, cachedmethod
from numpy.typing import NDArray

Array = NDArray[np.float32]


class ArrayCache:
    """A cache of arrays, bounded by their size. The least recently used arrays are removed first.

    Each array is computed once: a thread that needs an array that another thread is computing waits for it.

    Parameters
    ----------
    max_bytes
        Maximum size of all arrays together. An array larger than this is not cached.
    """

    def __init__(self, max_bytes: int) -> None:
        self._arrays: LRUCache[str, Array] = LRUCache(max_bytes, getsizeof=lambda array: array.nbytes)
        self._condition = Condition()

    @cachedmethod(attrgetter("_arrays"), key=lambda _self, key, _compute: key, condition=attrgetter("_condition"))
    def get(self, key: str, compute: Callable[[], Array]) -> Array:  # noqa: ARG002  the decorator reads the key
        """The array with this key; `compute` is called if it is not in the cache. Errors are not cached."""
        return compute()
