"""Fetching: one node a data set."""

from kedro.pipeline import Pipeline, node

from pipelines.fetch import quickdraw


def create_pipeline() -> Pipeline:
    """Source → raw folder, for every data set."""
    return Pipeline(
        [
            node(
                quickdraw.fetch,
                inputs={"folder": "quickdraw.raw_folder", "settings": "params:quickdraw.fetch"},
                outputs="quickdraw.raw",
                name="fetch.quickdraw",
            )
        ]
    )
