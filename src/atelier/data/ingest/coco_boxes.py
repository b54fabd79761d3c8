"""The boxes in COCO's annotations, each with its photo and category."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from atelier.data.ingest.coco import open_annotations, read_object
from atelier.errors import BadInputError


class Box(NamedTuple):
    """One annotated object."""

    photo: str
    """File name of the photo."""
    image_id: int
    annotation_id: int
    category: str
    corners: tuple[float, float, float, float]
    """Left, top, right and bottom, in pixels of the photo."""

    @property
    def side(self) -> float:
        """The shorter side, in pixels."""
        left, top, right, bottom = self.corners
        return min(right - left, bottom - top)

    def with_margin(self, margin: float) -> tuple[int, int, int, int]:
        """The corners in whole pixels, farther out by this fraction of each side; they may be outside the photo."""
        left, top, right, bottom = self.corners
        x, y = margin * (right - left), margin * (bottom - top)
        return math.floor(left - x), math.floor(top - y), math.ceil(right + x), math.ceil(bottom + y)


def read_boxes(path: Path, part: str) -> list[Box]:
    """All boxes of single objects; those around a crowd are passed over.

    Raises
    ------
    BadInputError
        When the annotations cannot be read, or an entry lacks what a box needs.
    """
    photos: dict[int, str] = {}
    categories: dict[int, str] = {}
    objects: list[tuple[int, int, int, list[float]]] = []
    with open_annotations(path, part) as file:
        for key, entries in read_object(file):
            if key == "images":
                photos = {each["id"]: each["file_name"] for each in _complete(entries, "id", "file_name")}
            elif key == "categories":
                categories = {each["id"]: str(each["name"]) for each in _complete(entries, "id", "name")}
            elif key == "annotations":
                objects = [
                    (each["id"], each["image_id"], each["category_id"], each["bbox"])
                    for each in _complete(entries, "id", "image_id", "category_id", "bbox")
                    if not each.get("iscrowd")
                ]
    return [
        Box(photos[image], image, number, categories[category], (x, y, x + width, y + height))
        for number, image, category, (x, y, width, height) in objects
        if image in photos and category in categories
    ]


def _complete(entries: Any, *keys: str) -> Iterator[dict[str, Any]]:
    for entry in entries:
        missing = [key for key in keys if not isinstance(entry, dict) or key not in entry]
        if missing:
            raise BadInputError(f"The annotations cannot be read: an entry has no {missing[0]!r}: {str(entry)[:100]}.")
        yield entry
