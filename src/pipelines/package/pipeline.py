"""`package`: one node, after every family's promotion when that is part of the run."""

from kedro.pipeline import Node, Pipeline

from pipelines.lifecycle.families import FAMILIES
from pipelines.package import nodes


def create_pipeline() -> Pipeline:
    """The node `package`."""
    verdicts = {name: f"{name}_verdict" for name in FAMILIES}
    return Pipeline(
        [Node(nodes.package, {"registry": "registry", **verdicts}, "bento", name="package", tags=[*FAMILIES])]
    )
