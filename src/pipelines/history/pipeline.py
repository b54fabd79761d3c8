"""`kedro run --pipelines history --params family=quickdraw_classifier`."""

from kedro.pipeline import Node, Pipeline

from pipelines.folders import with_paths
from pipelines.history.nodes import show_history


def create_pipeline() -> Pipeline:
    """One node. The family is a parameter, so the node gets the folder of all reports."""
    inputs = {"name": "params:family", "at": "params:at", "registry": "registry", "reports": "params:folders.reports"}
    return Pipeline([Node(with_paths(show_history, arguments=["reports"]), inputs, None, name="history")])
