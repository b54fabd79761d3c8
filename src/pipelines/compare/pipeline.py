"""`compare`: one node that writes the report on some versions of a family."""

from kedro.pipeline import Node, Pipeline

from pipelines.compare import nodes
from pipelines.folders import with_paths


def create_pipeline() -> Pipeline:
    """`kedro run --pipelines compare --params family=<family>,versions=3+4`."""
    inputs = {
        "family_names": "params:family",
        "versions": "params:versions",
        "parameters": "parameters",
        "registry": "registry",
        "folder": "params:folders.reports",
    }
    return Pipeline([Node(with_paths(nodes.compare), inputs, "comparison", name="compare")])
