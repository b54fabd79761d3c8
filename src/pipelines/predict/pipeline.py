"""`kedro run --pipelines predict --params predict.source=<folder or URL>`."""

from kedro.pipeline import Node, Pipeline

from pipelines.predict.nodes import predict


def create_pipeline() -> Pipeline:
    """Champion and photos → `data/<env>/predictions/<family>.jsonl`."""
    inputs = ["params:predict", "predict.folder", "registry"]
    return Pipeline([Node(predict, inputs, "predict.file", name="predict")])
