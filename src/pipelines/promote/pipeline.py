"""`promote`: a node for each family that runs its gate. `rollback`: one family goes back to its previous champion."""

from kedro.pipeline import Node, Pipeline

from pipelines.lifecycle.families import FAMILIES, families_of
from pipelines.promote import nodes


def create_pipeline() -> Pipeline:
    """Nodes `promote.<family>`. Each waits for its family's registration when that is part of the run.

    A family that is evaluated by judges also waits for the verdicts on these, and uses the champions of that time.
    """
    return Pipeline([_promote(name) for name in FAMILIES])


def create_rollback() -> Pipeline:
    """`kedro run --pipelines rollback --params family=<family>,reason=<why>`."""
    inputs = {"name": "params:family", "reason": "params:reason", "registry": "registry"}
    return Pipeline([Node(nodes.rollback, inputs, "rollback_verdict", name="rollback")])


def _promote(name: str) -> Node:
    data = FAMILIES[name].catalog_entries
    verdicts = {judge: f"{judge}_verdict" for judge in FAMILIES[name].judges}
    raw = {f"{each}_raw": f"{each}_raw" for each in FAMILIES[name].data}
    own = {"registry": "registry", "settings": f"params:{name}", "after": f"{name}_version"}
    inputs = {**own, **data, **raw, **verdicts}
    # No namespace: it must not be interrupted, and a judge is promoted before the family that it judges is trained.
    return Node(nodes.promote(name), inputs, f"{name}_verdict", name=f"promote.{name}", tags=families_of(name))
