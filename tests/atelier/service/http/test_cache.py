import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from atelier.service.http.cache import Cache


def test_an_answer_is_computed_once() -> None:
    cache, calls = Cache[int](3), []

    def compute() -> int:
        calls.append(1)
        return 7

    assert [cache.get("a", compute) for _ in range(3)] == [7, 7, 7]
    assert len(calls) == 1


def test_what_was_asked_for_longest_ago_is_forgotten() -> None:
    cache, calls = Cache[str](2), []

    def ask(key: str) -> None:
        assert cache.get(key, lambda: calls.append(key) or key) == key  # type: ignore[func-returns-value]

    for key in "abacab":
        ask(key)
    # c pushes b out, for a was asked for again; then b pushes c out.
    assert "".join(calls) == "abcb"


def test_an_error_is_told_and_not_kept() -> None:
    cache = Cache[int](2)

    def fail() -> int:
        raise ValueError("broken")

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            cache.get("a", fail)
    assert cache.get("a", lambda: 3) == 3


def test_who_asks_meanwhile_waits_for_the_answer() -> None:
    cache, calls, begun, go = Cache[int](2), [], threading.Event(), threading.Event()

    def compute() -> int:
        calls.append(1)
        begun.set()
        assert go.wait(30)
        return 5

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(cache.get, "a", compute)]
        assert begun.wait(30)
        answers += [pool.submit(cache.get, "a", compute) for _ in range(3)]
        go.set()
        assert {answer.result(30) for answer in answers} == {5}
    assert len(calls) == 1


def test_what_is_forgotten_while_it_is_computed_is_answered_all_the_same() -> None:
    cache = Cache[int](1)

    def compute() -> int:
        return cache.get("b", lambda: 4) + 1

    assert cache.get("a", compute) == 5
    assert cache.get("a", lambda: 9) == 9
