"""Preparing: one node a data set."""

from kedro.pipeline import Pipeline, node

from pipelines.prepare import quickdraw


def create_pipeline() -> Pipeline:
    """Raw folder → prepared data, for every data set."""
    return Pipeline(
        [
            node(
                quickdraw.prepare,
                inputs={
                    "raw": "quickdraw.raw",
                    "folder": "quickdraw.prepared_folder",
                    "reports": "quickdraw.reports_folder",
                    "settings": "params:quickdraw.prepare",
                },
                outputs="quickdraw.prepared",
                name="prepare.quickdraw",
            )
        ]
    )
