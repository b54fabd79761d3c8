import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from atelier.service.http.cache import Array, ArrayCache

SIZE = 8
"""Bytes of an array of these tests."""


def array(value: float) -> Array:
    return np.full(2, value, np.float32)


def test_an_array_is_computed_once() -> None:
    cache, calls = ArrayCache(3 * SIZE), []

    def compute() -> Array:
        calls.append(1)
        return array(7)

    assert [cache.get("a", compute).tolist() for _ in range(3)] == [[7, 7]] * 3
    assert len(calls) == 1


def test_the_least_recently_used_array_is_removed() -> None:
    cache, calls = ArrayCache(2 * SIZE), []

    def get(key: str) -> None:
        def compute() -> Array:
            calls.append(key)
            return array(ord(key))

        assert cache.get(key, compute)[0] == ord(key)

    for key in "abacab":
        get(key)
    # c replaces b, because a was used after b; then b replaces c.
    assert "".join(calls) == "abcb"


def test_an_array_larger_than_the_cache_is_returned_and_not_cached() -> None:
    cache = ArrayCache(SIZE)
    cache.get("a", lambda: array(1))
    assert cache.get("b", lambda: np.zeros(9, np.float32)).size == 9
    assert cache.get("b", lambda: array(2))[0] == 2


def test_an_error_is_raised_and_not_cached() -> None:
    cache = ArrayCache(2 * SIZE)

    def fail() -> Array:
        raise ValueError("broken")

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            cache.get("a", fail)
    assert cache.get("a", lambda: array(3))[0] == 3


def test_other_threads_wait_for_an_array_that_is_being_computed() -> None:
    cache, calls, started, go = ArrayCache(2 * SIZE), [], threading.Event(), threading.Event()

    def compute() -> Array:
        calls.append(1)
        started.set()
        assert go.wait(30)
        return array(5)

    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(cache.get, "a", compute)]
        assert started.wait(30)
        results += [pool.submit(cache.get, "a", compute) for _ in range(3)]
        go.set()
        assert {float(result.result(30)[0]) for result in results} == {5}
    assert len(calls) == 1


def test_computing_an_array_may_use_the_cache() -> None:
    cache = ArrayCache(SIZE)

    def compute() -> Array:
        return cache.get("b", lambda: array(4)) + 1

    assert cache.get("a", compute)[0] == 5
    assert cache.get("a", lambda: array(9))[0] == 5
    assert cache.get("b", lambda: array(6))[0] == 6
