"""Queues of the service that only record which of them requests take."""

from collections.abc import Callable
from typing import Any, get_args

import pytest

from atelier.service.http import requests
from atelier.service.http.slots import Cost


def record_queues(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the queues. The names of those that are used are appended to the list."""
    used: list[str] = []

    class Queue:
        def __init__(self, name: str) -> None:
            self.name = name

        async def run(self, work: Callable[[], Any]) -> Any:
            used.append(self.name)
            return work()

    monkeypatch.setattr(requests, "SLOTS", {each: Queue(each) for each in get_args(Cost)})
    return used
