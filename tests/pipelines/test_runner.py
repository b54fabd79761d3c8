import json
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from pipelines import runner
from pipelines.pipeline_registry import register_pipelines
from pipelines.runner import FamiliesRunner, lifecycles, schedule

WHOLE = register_pipelines()["__default__"]


class Processes:
    """Stands for the processes: one ends whenever the schedule waits, the last one that was started first."""

    def __init__(self, events: list[str]) -> None:
        self._events, self.running = events, list[str]()

    def start(self, name: str) -> None:
        self._events.append(f"start {name}")
        self.running.append(name)

    def finished(self, wait_for_one: bool) -> list[str]:
        if not wait_for_one:
            return []
        name = self.running.pop()
        self._events.append(f"end {name}")
        return [name]


@pytest.fixture(scope="module")
def events() -> list[str]:
    """What happens in a run of the whole pipeline, in order."""
    found: list[str] = []
    schedule(WHOLE, lifecycles(WHOLE), Processes(found), lambda node: found.append(node.name))
    return found


def test_every_node_is_run_once(events: list[str]) -> None:
    families = lifecycles(WHOLE)
    inside = [node.name for nodes in families.values() for node in nodes]
    others = [event for event in events if not event.startswith(("start ", "end "))]
    assert sorted(inside + others) == sorted(node.name for node in WHOLE.nodes)
    assert sorted(event for event in events if event.startswith("start ")) == sorted(
        f"start {name}" for name in families
    )


def test_nothing_is_run_before_what_it_needs(events: list[str]) -> None:
    families = lifecycles(WHOLE)
    begins = {node: f"start {name}" for name, nodes in families.items() for node in nodes}
    ends = {node: f"end {name}" for name, nodes in families.items() for node in nodes}
    for node, needs in WHOLE.node_dependencies.items():
        for need in needs - {each for each in needs if begins.get(each, 0) == begins.get(node, 1)}:
            assert events.index(ends.get(need, need.name)) < events.index(begins.get(node, node.name))


def test_a_lifecycle_starts_while_data_of_others_are_prepared(events: list[str]) -> None:
    assert events.index("start photo_classifier") < events.index("prepare.van_gogh")


def test_a_gate_is_run_while_other_families_are_trained(events: list[str]) -> None:
    gates = [number for number, event in enumerate(events) if event.startswith("promote.")]
    assert any(event.startswith("end ") for event in events[gates[0] :])


def test_the_lifecycle_of_one_family_is_run_in_this_process() -> None:
    ran: list[str] = []

    def step(name: str) -> Callable[[Any], str]:
        return lambda _: ran.append(name) or name

    nodes = [
        Node(step("train"), "data", "psp.trained", name="train", namespace="psp"),
        Node(step("promote"), "psp.trained", "verdict", name="promote.psp"),
    ]
    catalog = DataCatalog({"data": MemoryDataset(1)})
    FamiliesRunner().run(Pipeline(nodes), catalog)
    assert ran == ["train", "promote"]


@pytest.mark.parametrize(("memory_gb", "count"), [(64, 2), (7, 2), (5, 1), (1, 1)])
def test_several_families_get_what_the_run_was_started_with_and_share_the_memory(
    monkeypatch: pytest.MonkeyPatch, memory_gb: int, count: int
) -> None:
    started = SimpleNamespace(arguments={}, count=0)

    class Recorded(Processes):
        def __init__(self, target: str, arguments: dict[str, list[str]], count: int, advice: str) -> None:
            super().__init__([])
            started.arguments, started.count = arguments, count

        def __enter__(self) -> "Recorded":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(runner, "NamedProcesses", Recorded)
    monkeypatch.setattr(runner, "cores", lambda: 3)
    monkeypatch.setattr(runner.psutil, "virtual_memory", lambda: SimpleNamespace(available=memory_gb * 10**9))
    names = ("psp", "fast_style")
    nodes = [Node(lambda data: data, "data", f"{name}.job", name="start", namespace=name) for name in names]
    given = {
        "project_path": "/here",
        "env": "small",
        "conf_source": "/conf",
        "runtime_params": {"at": 1},
        "pipeline_names": None,
    }
    catalog = DataCatalog({"data": MemoryDataset(1), "run_params": MemoryDataset({**given, "tags": []})})
    FamiliesRunner().run(Pipeline(nodes), catalog)
    text = json.dumps({**given, "command": sys.argv})
    assert started.arguments == {name: [text, f"{name}.start"] for name in names}
    assert started.count == count
