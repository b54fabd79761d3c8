"""`promote`: a node a family that puts its challenger through the gate. `rollback`: one family back by one champion."""

from kedro.pipeline import Node, Pipeline

from pipelines.lifecycle.families import FAMILIES
from pipelines.promote import nodes


def create_pipeline() -> Pipeline:
    """Nodes `promote.<family>`; each waits for its family's registration when that is part of the run.

    A judged family waits for the gate's word on its judges too, and is then judged by the champions of that moment.
    """
    return Pipeline([_promote(name) for name in FAMILIES])


def create_rollback() -> Pipeline:
    """`kedro run --pipelines rollback --params family=<family>`."""
    return Pipeline([Node(nodes.rollback, ["params:family", "registry"], "rollback.verdict", name="rollback")])


def _promote(name: str) -> Node:
    data = FAMILIES[name].catalog_entries
    verdicts = {judge: f"{judge}.verdict" for judge in FAMILIES[name].judges}
    inputs = {"registry": "registry", "settings": f"params:{name}", "after": f"{name}.version.json", **data, **verdicts}
    return Node(nodes.promote(name), inputs, f"{name}.verdict", name=f"promote.{name}")
