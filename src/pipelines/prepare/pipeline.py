"""The prepare pipeline: one node per data set."""

from collections.abc import Callable

from kedro.pipeline import Pipeline, node

from atelier.data.prepared.dataset import PreparedData
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
        node(
            locked(prepare, f"{name} is being prepared"),
            inputs={
                "raw": f"{name}.raw",
                "folder": f"{name}.prepared_folder",
                "reports": f"{name}.reports_folder",
                "settings": f"params:{name}.prepare",
                **NETWORKS.get(name, {}),
            },
            outputs=f"{name}.prepared",
            name=f"prepare.{name}",
        )
        for name, prepare in DATASETS.items()
    )
