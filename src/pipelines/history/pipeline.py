"""`kedro run --pipelines history --params family=quickdraw_classifier`."""

from kedro.pipeline import Node, Pipeline

from pipelines.history.nodes import show_history


def create_pipeline() -> Pipeline:
    """One node. The family is a parameter, so the node gets the folder of all reports."""
    inputs = {"name": "params:family", "at": "params:at", "registry": "registry", "reports": "reports.folder"}
    return Pipeline([Node(show_history, inputs, None, name="history")])
