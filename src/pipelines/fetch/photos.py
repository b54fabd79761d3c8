"""Fetch photos in one folder per class: toy bricks, natural scenes, objects of COCO, or a folder of one's own."""

from pathlib import Path

from pydantic import field_validator

from atelier.data.samples import bricks
from atelier.errors import nearest
from pipelines.fetch import coco_crops, images
from pipelines.fetch.coco_crops import CropsFetch
from pipelines.fetch.images import ImagesFetch, ImageSource

COLLECTIONS = {
    "bricks": ImageSource(
        name="photos",
        folder="bricks/photos",
        licence="not stated (photos of toy bricks, https://github.com/adroste/lego-brick-recognition-tensorflow)",
        paint=bricks.paint,
        sample_name=bricks.file_name,
    ),
    "brick_renders": ImageSource(
        name="photos",
        folder="bricks/renders",
        licence="as stated at https://www.kaggle.com/datasets/joosthazelzet/lego-brick-images",
        kaggle="joosthazelzet/lego-brick-images",
    ),
    "scenes": ImageSource(
        name="photos",
        folder="scenes",
        licence="as stated at https://www.kaggle.com/datasets/puneet6060/intel-image-classification",
        kaggle="puneet6060/intel-image-classification",
    ),
}
"""The photos that the project knows."""
OWN = ImageSource(name="photos", licence="")
"""Photos of the user, whose licence the parameters state."""
COCO_CROPS = "coco_crops"
"""The collection that is cut out of COCO's photos, see `pipelines.fetch.coco_crops`."""


class PhotosFetch(ImagesFetch):
    """Which photos to fetch, and from where. In `folder`, a path, a URL or a zip file, each folder is a class."""

    collection: str
    crops: CropsFetch

    @field_validator("collection")
    @classmethod
    def _is_known(cls, collection: str) -> str:
        known = (*COLLECTIONS, COCO_CROPS)
        if collection not in known:
            raise ValueError(f"there is no collection {collection!r}; did you mean {nearest(collection, known)}?")
        return collection


def fetch(folder: Path, settings: PhotosFetch) -> Path:
    """Fill the raw folder with archives of photos, whose names keep the folders of the classes; see `images.fetch`."""
    if settings.folder is not None:
        return images.fetch(folder, settings, OWN)
    if settings.collection == COCO_CROPS:
        return coco_crops.fetch(folder, settings, settings.crops)
    return images.fetch(folder, settings, COLLECTIONS[settings.collection])
