"""`kedro run --pipelines predict --params predict.source=<folder or URL>`."""

from kedro.pipeline import Node, Pipeline

from pipelines.folders import with_paths
from pipelines.predict.nodes import predict


def create_pipeline() -> Pipeline:
    """Champion and photos → `data/<env>/predictions/<family>.jsonl`."""
    inputs = {"settings": "params:predict", "folder": "params:folders.predictions", "registry": "registry"}
    return Pipeline([Node(with_paths(predict), inputs, "predictions", name="predict")])
