"""Fetching: one node a data set."""

from collections.abc import Callable
from pathlib import Path

from kedro.pipeline import Pipeline, node

from pipelines.fetch import coco, landscapes, quickdraw, van_gogh

DATASETS: dict[str, Callable[..., Path]] = {
    "quickdraw": quickdraw.fetch,
    "coco": coco.fetch,
    "landscapes": landscapes.fetch,
    "van_gogh": van_gogh.fetch,
}
"""Data set → what fetches it: `fetch(folder, settings) -> folder`."""


def create_pipeline() -> Pipeline:
    """Source → raw folder, for every data set."""
    return Pipeline(
        node(
            fetch,
            inputs={"folder": f"{name}.raw_folder", "settings": f"params:{name}.fetch"},
            outputs=f"{name}.raw",
            name=f"fetch.{name}",
        )
        for name, fetch in DATASETS.items()
    )
