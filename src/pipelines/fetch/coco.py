"""Fetch COCO 2017, photos of everyday scenes with annotations: made here, from a mirror, or from the publisher.

The photos are fetched one by one, those that the annotations name. 500 photos therefore do not cost the 19 GB of all.
"""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from atelier.data.download import raw_folder
from atelier.data.download.archives import archive_specs, in_hash_order
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.listing import UnlistedError, list_files
from atelier.data.download.source import is_fetched
from atelier.data.download.transfer import transfer
from atelier.data.ingest import coco
from atelier.data.samples import scenes
from atelier.errors import BadInputError
from atelier.preprocessing.images import SUFFIXES, ImageArray
from pipelines.fetch import images
from pipelines.fetch.images import ImagesFetch

ORIGIN = "http://images.cocodataset.org"
ARCHIVE = "annotations_trainval2017.zip"
COCO = images.ImageSource(
    name="coco",
    licence="annotations CC BY 4.0 (COCO Consortium, https://cocodataset.org); each photo under its Flickr licence, "
    "named in the annotations",
)


class CocoFetch(ImagesFetch):
    """Which of COCO's images to fetch, and from where."""

    part: Literal["train2017", "val2017"]
    """118,287 or 5,000 images, and their instance annotations."""


def fetch(folder: Path, settings: CocoFetch) -> Path:
    """Fill the raw folder with archives of photos and their annotations, `annotations/instances_<part>.json`.

    Raises
    ------
    BadInputError
        When the mirror holds no annotations of COCO, or none of the photos that they name.
    TransferError
        When the connection kept failing. The next run continues from there.
    """
    pull_if_absent(folder)
    if settings.source == "sample":
        _make_sample(folder, settings)
    else:
        _fetch_photos(folder, settings)
    return folder


def _make_sample(folder: Path, settings: CocoFetch) -> None:
    described = {}

    def paint(seed: int, number: int, side: int) -> ImageArray:
        scene = scenes.paint(seed, number, side)
        described[number] = scenes.describe(scene, number)
        return scene.image

    def finish(building: Path) -> None:
        photos, annotations = zip(*(described[number] for number in sorted(described)), strict=True)
        scenes.write_annotations(building / _annotations_name(settings), photos, annotations)

    images.make_sample(folder, settings, replace(COCO, paint=paint), finish)


def _fetch_photos(folder: Path, settings: CocoFetch) -> None:
    base = settings.address("coco", ORIGIN)
    request = images.make_request(settings, COCO, base, part=settings.part)
    if is_fetched(folder, request):
        return
    annotations_folder = folder.with_name(f".{folder.name}.annotations")
    annotations = _fetch_annotations(annotations_folder, base, settings)
    photos = f"{base}/{settings.part}"
    ids = {name: image for image, name in coco.image_names(annotations, settings.part)}
    names = in_hash_order(_available(photos, ids, settings))[: settings.items]
    finish = partial(
        _write_annotations, annotations=annotations, settings=settings, images={ids[name] for name in names}
    )
    files = archive_specs(photos, names)
    raw_folder.fetch(folder, request, files, max_workers=images.PARALLEL_ARCHIVES, finish=finish)
    shutil.rmtree(annotations_folder)


def _annotations_name(settings: CocoFetch) -> str:
    return f"annotations/instances_{settings.part}.json"


def _write_annotations(folder: Path, annotations: Path, settings: CocoFetch, images: set[int]) -> None:
    coco.write_subset(annotations, settings.part, folder / _annotations_name(settings), images)


def _fetch_annotations(folder: Path, base: str, settings: CocoFetch) -> Path:
    """The publisher's archive, or the mirror's file, in a folder that is kept until all photos are fetched."""
    name = f"annotations/{ARCHIVE}" if settings.source == "origin" else _annotations_name(settings)
    target = folder / Path(name).name
    folder.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        try:
            transfer(f"{base}/{name}", target)
        except FileNotFoundError as error:
            raise BadInputError(f"There are no annotations of COCO at {base}/{name}.") from error
    return target


def _available(photos: str, names: dict[str, int], settings: CocoFetch) -> list[str]:
    """The annotated photos that the source has; all annotated photos where its folder cannot be listed."""
    if settings.source == "origin":
        return list(names)
    try:
        listed = set(list_files(photos, SUFFIXES))
    except UnlistedError:
        return list(names)
    available = [name for name in names if name in listed]
    if not available:
        raise BadInputError(f"{photos} holds none of the photos that its annotations name.")
    return available
