"""The fetch pipeline: one node per data set, and one for the perceptual network."""

from collections.abc import Callable
from pathlib import Path

from kedro.pipeline import Pipeline, node
from kedro.pipeline.node import Node

from pipelines.fetch import coco, image_sets, perceptual, quickdraw
from pipelines.processes.locks import locked

DATASETS: dict[str, Callable[..., Path]] = {
    "quickdraw": quickdraw.fetch,
    "coco": coco.fetch,
    "landscapes": image_sets.fetch_landscapes,
    "van_gogh": image_sets.fetch_van_gogh,
}
"""Data set → the function that fetches it: `fetch(folder, settings) -> folder`."""


def create_pipeline() -> Pipeline:
    """Source → raw folder for every data set. The perceptual network needs no preparation."""
    datasets = [_node(name, fetch, f"{name}.raw") for name, fetch in DATASETS.items()]
    return Pipeline([*datasets, _node("perceptual", perceptual.fetch, "perceptual")])


def _node(name: str, fetch: Callable[..., object], output: str) -> Node:
    return node(
        locked(fetch, f"{name} is being fetched"),
        inputs={"folder": f"{name}.raw_folder", "settings": f"params:{name}.fetch"},
        outputs=output,
        name=f"fetch.{name}",
    )
