"""Photos cut out of COCO's photos: one for each annotated box, in a folder for each category."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from PIL import Image
from pydantic import Field, NonNegativeFloat, PositiveInt

from atelier.atomic_files import digest
from atelier.data.download import raw_folder
from atelier.data.download.archives import archive_specs, in_hash_order, read_archive, write_archive
from atelier.data.download.source import Source
from atelier.data.ingest.coco_boxes import Box, read_boxes
from atelier.errors import BadInputError, nearest
from atelier.preprocessing.images import decode
from atelier.settings import Settings
from pipelines.fetch import coco
from pipelines.fetch.coco import CocoFetch
from pipelines.fetch.images import ImagesFetch, make_request


class CropsFetch(Settings):
    """Which boxes of COCO become photos."""

    part: Literal["train2017", "val2017"]
    photos: PositiveInt | None
    """Number of COCO's photos that are fetched, a fixed random sample; None: all."""
    categories: Annotated[tuple[str, ...], Field(min_length=2)] | None
    """The classes; None: all categories with enough boxes."""
    min_count: PositiveInt
    """Categories with fewer boxes are left out."""
    min_side: PositiveInt
    """Boxes with a shorter side below this number of pixels are left out."""
    margin: NonNegativeFloat
    """What is added to a box on each side, as a fraction of its width and height."""


def fetch(folder: Path, settings: ImagesFetch, crops: CropsFetch) -> Path:
    """Fill the raw folder with archives of crops, `<category>/<image id>_<annotation id>.png`.

    COCO's own photos are kept in the hidden folder `.<folder>.coco` beside it, so that only what changed is fetched.

    Raises
    ------
    BadInputError
        When there is no such category, or fewer than two have enough boxes; and as `coco.fetch`.
    """
    photos = folder.with_name(f".{folder.name}.coco")
    common = settings.model_dump(exclude={"items", "collection", "crops"})
    coco.fetch(photos, CocoFetch(**common, items=crops.photos, part=crops.part))
    source = Source.read(photos)
    boxes = select(read_boxes(photos / f"annotations/instances_{crops.part}.json", crops.part), crops)
    kept = in_hash_order(boxes)[: settings.items]
    request = make_request(settings, coco.COCO, source.request.address).model_copy(
        update={
            "dataset": "photos",
            "licence": source.request.licence,
            "parameters": {
                **crops.model_dump(mode="json"),
                "items": settings.items,
                "coco": digest(photos / "SOURCE.json", "sha256"),
            },
        }
    )
    raw_folder.make(
        folder, request, lambda building: _write(building, photos, {name: boxes[name] for name in kept}, crops)
    )
    return folder


def select(boxes: Sequence[Box], crops: CropsFetch) -> dict[str, Box]:
    """Name of the crop → its box, of those that are large enough and of a category with enough of them."""
    wanted = set(crops.categories or (box.category for box in boxes))
    unknown = sorted(wanted - {box.category for box in boxes})
    if unknown:
        near = nearest(unknown[0], {box.category for box in boxes})
        raise BadInputError(f"No box of these photos is of the category {unknown[0]!r}; did you mean {near}?")
    large = [box for box in boxes if box.category in wanted and box.side >= crops.min_side]
    counts = Counter(box.category for box in large)
    classes = {name for name, count in counts.items() if count >= crops.min_count}
    if len(classes) < 2:
        found = ", ".join(f"{name} ({count})" for name, count in counts.most_common(5)) or "none"
        raise BadInputError(
            f"A classifier needs two categories with at least {crops.min_count} boxes of {crops.min_side} pixels; "
            f"there are {found}. Fetch more photos (photos.fetch.crops.photos), or lower min_count or min_side."
        )
    return {_name(box): box for box in large if box.category in classes}


def _name(box: Box) -> str:
    return f"{box.category.replace('/', ' ')}/{box.image_id:012d}_{box.annotation_id}.png"


def _write(folder: Path, photos: Path, boxes: Mapping[str, Box], crops: CropsFetch) -> None:
    """Write archives of the crops, in the order of the photos, so that each photo is decoded once."""
    of_photo: dict[str, list[str]] = {}
    for name, box in boxes.items():
        of_photo.setdefault(box.photo, []).append(name)
    archives = sorted(photos.glob("*.tar"))
    order = [name for path in archives for member in read_archive(path) for name in of_photo.get(member.name, ())]
    contents = _crops(archives, of_photo, boxes, crops.margin)
    for archive, spec in archive_specs(str(folder), order).items():
        write_archive(folder / archive, islice(contents, len(spec.names)))


def _crops(
    archives: Sequence[Path], of_photo: Mapping[str, Sequence[str]], boxes: Mapping[str, Box], margin: float
) -> Iterator[tuple[str, bytes]]:
    """(name, PNG file) of each crop; empty, so that preparation quarantines it, where the photo cannot be read."""
    for path in archives:
        for member in read_archive(path):
            names = of_photo.get(member.name, ())
            photo = _decoded(member.read()) if names else None
            for name in names:
                yield name, _crop(photo, boxes[name].with_margin(margin)) if photo else b""


def _decoded(content: bytes) -> Image.Image | None:
    try:
        return Image.fromarray(decode(content))
    except BadInputError:
        return None


def _crop(photo: Image.Image, corners: tuple[int, int, int, int]) -> bytes:
    left, top, right, bottom = corners
    out = io.BytesIO()
    photo.crop((max(left, 0), max(top, 0), min(right, photo.width), min(bottom, photo.height))).save(out, "PNG")
    return out.getvalue()
