import asyncio
import threading

import pytest

from atelier.service.http.errors import BusyError
from atelier.service.http.slots import Slots


class Work:
    """Work that starts, and ends when it is told to."""

    def __init__(self) -> None:
        self.started, self.may_end = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.started.set()
        assert self.may_end.wait(10)
        return "done"


async def started(work: Work) -> None:
    assert await asyncio.to_thread(work.started.wait, 10)


def test_more_requests_than_threads_and_places_are_refused() -> None:
    async def run() -> None:
        slots, works = Slots(threads=1, waiting=1), [Work(), Work()]
        tasks = [asyncio.ensure_future(slots.run(work)) for work in works]
        await started(works[0])
        with pytest.raises(BusyError, match="again"):
            await slots.run(lambda: "never")
        for work in works:
            work.may_end.set()
        assert await asyncio.gather(*tasks) == ["done", "done"]
        assert await slots.run(lambda: "free again") == "free again"

    asyncio.run(run())


def test_work_that_is_canceled_while_it_waits_is_not_done() -> None:
    async def run() -> None:
        slots, first, second = Slots(threads=1, waiting=1), Work(), Work()
        running, waiting = (asyncio.ensure_future(slots.run(work)) for work in (first, second))
        await started(first)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        first.may_end.set()
        assert await running == "done"
        assert await slots.run(lambda: "next") == "next"
        assert not second.started.is_set()

    asyncio.run(run())


def test_work_that_is_canceled_while_it_runs_keeps_its_thread() -> None:
    async def run() -> None:
        slots, first, second = Slots(threads=1, waiting=1), Work(), Work()
        running = asyncio.ensure_future(slots.run(first))
        await started(first)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        waiting = asyncio.ensure_future(slots.run(second))
        await asyncio.sleep(0)  # it begins to wait
        with pytest.raises(BusyError):
            await slots.run(lambda: "no place")
        assert not second.started.is_set()
        first.may_end.set()
        second.may_end.set()
        assert await waiting == "done"

    asyncio.run(run())


def test_errors_of_the_work_are_raised() -> None:
    def fail() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        asyncio.run(Slots(1, 1).run(fail))


def test_a_request_that_would_wait_too_long_is_refused_at_once_but_not_by_idle_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter(range(0, 10_000, 10))  # each request takes ten seconds
    monkeypatch.setattr("atelier.service.http.slots.monotonic", lambda: float(next(clock)))

    async def run() -> None:
        slots, work = Slots(threads=1, waiting=8, patience=3), Work()
        assert await slots.run(lambda: "first") == "first"  # now two seconds are expected of a request, as average
        task = asyncio.ensure_future(slots.run(work))
        await started(work)
        with pytest.raises(BusyError):
            await slots.run(lambda: "second in the queue")
        work.may_end.set()
        assert await task == "done"

    asyncio.run(run())
