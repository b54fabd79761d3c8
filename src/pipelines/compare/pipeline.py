"""`compare`: one node that writes the report on some versions of a family."""

from kedro.pipeline import Node, Pipeline

from pipelines.compare import nodes


def create_pipeline() -> Pipeline:
    """`kedro run --pipelines compare --params family=<family>,versions=3+4`."""
    inputs = {
        "family_names": "params:family",
        "versions": "params:versions",
        "parameters": "parameters",
        "registry": "registry",
        "folder": "reports_folder",
    }
    return Pipeline([Node(nodes.compare, inputs, "comparison", name="compare")])
