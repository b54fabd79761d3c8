"""The fetch pipeline: one node per data set, and one per pretrained network."""

from collections.abc import Callable
from pathlib import Path

from kedro.pipeline import Node, Pipeline

from atelier.pretrained.asset import Pretrained
from pipelines.fetch import backbone, coco, face_networks, faces, image_sets, perceptual, photos, quickdraw
from pipelines.folders import with_paths
from pipelines.lifecycle.families import families_of
from pipelines.processes.locks import locked

DATASETS: dict[str, Callable[..., Path]] = {
    "quickdraw": quickdraw.fetch,
    "coco": coco.fetch,
    "landscapes": image_sets.fetch_landscapes,
    "van_gogh": image_sets.fetch_van_gogh,
    "photos": photos.fetch,
    "faces": faces.fetch,
}
"""Data set → the function that fetches it: `fetch(folder, settings) -> folder`."""


NETWORKS: dict[str, Callable[..., Pretrained]] = {
    "perceptual": perceptual.fetch,
    "backbone": backbone.fetch,
    "face_detector": face_networks.fetch_detector,
    "face_judges": face_networks.fetch_judges,
}
"""Role of a pretrained network → the function that fetches it: `fetch(folder, settings) -> network`."""


def create_pipeline() -> Pipeline:
    """Source → raw folder for every data set. Pretrained networks need no preparation."""
    datasets = [_node(name, fetch, f"{name}_raw") for name, fetch in DATASETS.items()]
    return Pipeline([*datasets, *(_node(name, fetch, name) for name, fetch in NETWORKS.items())])


def _node(name: str, fetch: Callable[..., object], output: str) -> Node:
    return Node(
        with_paths(locked(fetch, f"{name} is being fetched"), name),
        {"folder": "params:folders.raw", "settings": f"params:{name}.fetch"},
        output,
        name=name,
        namespace="fetch",
        tags=families_of(name),
    )
