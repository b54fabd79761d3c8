"""The prepare pipeline: one node per data set."""

from collections.abc import Callable

from kedro.pipeline import Node, Pipeline

from atelier.data.prepared.dataset import PreparedData
from pipelines.folders import with_paths
from pipelines.lifecycle.families import families_of
from pipelines.prepare import faces, images, photos, quickdraw
from pipelines.processes.locks import locked

DATASETS: dict[str, Callable[..., PreparedData]] = {
    "quickdraw": quickdraw.prepare,
    "coco": images.prepare,
    "landscapes": images.prepare,
    "van_gogh": images.prepare,
    "photos": photos.prepare,
    "faces": faces.prepare,
}
"""Data set → the function that prepares it: `prepare(raw, folder, reports, settings) -> PreparedData`."""
NETWORKS = {"faces": {"detector": "face_detector"}}
"""Data set → further arguments of its function: pretrained networks, by their entries in the catalog."""


def create_pipeline() -> Pipeline:
    """Raw folder → prepared data for every data set."""
    return Pipeline(
        Node(
            with_paths(locked(prepare, f"{name} is being prepared"), name, ("folder", "reports")),
            {
                "raw": f"{name}_raw",
                "folder": "params:folders.prepared",
                "reports": "params:folders.reports",
                "settings": f"params:{name}.prepare",
                **NETWORKS.get(name, {}),
            },
            f"{name}_prepared",
            name=name,
            namespace="prepare",
            tags=families_of(name),
        )
        for name, prepare in DATASETS.items()
    )
