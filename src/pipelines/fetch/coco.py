"""COCO 2017, photos of everyday scenes with their annotations: painted here, from a mirror, or from the publisher.

The photos come one by one, chosen by the annotations, so that 500 of them do not cost the 19 GB of all.
"""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from atelier.data.download import raw_folder
from atelier.data.download.archives import in_fair_order, packs
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.listing import UnlistedError, list_files
from atelier.data.download.source import is_fetched
from atelier.data.download.transfer import transfer
from atelier.data.ingest import coco
from atelier.data.samples import scenes
from atelier.errors import BadInputError
from atelier.preprocessing.images import SUFFIXES, Picture
from pipelines.fetch import images
from pipelines.fetch.images import ImagesFetch

ORIGIN = "http://images.cocodataset.org"
ARCHIVE = "annotations_trainval2017.zip"
COCO = images.ImageSet(
    name="coco",
    licence="annotations CC BY 4.0 (COCO Consortium, https://cocodataset.org); each photo under its Flickr licence, "
    "named in the annotations",
)


class CocoFetch(ImagesFetch):
    """Which of COCO's images to get and from where."""

    part: Literal["train2017", "val2017"] = "train2017"
    """118,287 or 5,000 images, and their instance annotations."""


def fetch(folder: Path, settings: CocoFetch) -> Path:
    """Fill the raw folder with archives of photos and `annotations/instances_<part>.json`, of these photos only.

    Raises
    ------
    BadInputError
        When the mirror holds no annotations of COCO, or not a single photo of those they name.
    TransferError
        When the connection kept failing; the next run goes on from there.
    """
    pull_if_absent(folder)
    if settings.source == "sample":
        _make_sample(folder, settings)
    else:
        _fetch_photos(folder, settings)
    return folder


def _make_sample(folder: Path, settings: CocoFetch) -> None:
    described = {}

    def paint(seed: int, number: int, side: int) -> Picture:
        scene = scenes.paint(seed, number, side)
        described[number] = scenes.describe(scene, number)
        return scene.picture

    def finish(building: Path) -> None:
        photos, annotations = zip(*(described[number] for number in sorted(described)), strict=True)
        scenes.write_annotations(building / _annotations(settings), photos, annotations)

    images.make_sample(folder, settings, replace(COCO, paint=paint), finish)


def _fetch_photos(folder: Path, settings: CocoFetch) -> None:
    base = settings.address("coco", ORIGIN)
    wanted = images.request(settings, COCO, base, part=settings.part)
    if is_fetched(folder, wanted):
        return
    beside = folder.with_name(f".{folder.name}.annotations")
    annotations = _fetch_annotations(beside, base, settings)
    photos = f"{base}/{settings.part}"
    ids = {name: image for image, name in coco.image_names(annotations, settings.part)}
    chosen = in_fair_order(_there(photos, ids, settings))[: settings.items]
    kept = {ids[name] for name in chosen}
    finish = partial(_write_annotations, annotations=annotations, settings=settings, images=kept)
    raw_folder.fetch(folder, wanted, packs(photos, chosen), together=images.TOGETHER, finish=finish)
    shutil.rmtree(beside)


def _annotations(settings: CocoFetch) -> str:
    return f"annotations/instances_{settings.part}.json"


def _write_annotations(folder: Path, annotations: Path, settings: CocoFetch, images: set[int]) -> None:
    coco.write_subset(annotations, settings.part, folder / _annotations(settings), images)


def _fetch_annotations(beside: Path, base: str, settings: CocoFetch) -> Path:
    """The publisher's archive, or the mirror's file, fetched to a folder of its own until the photos are there."""
    name = f"annotations/{ARCHIVE}" if settings.source == "origin" else _annotations(settings)
    target = beside / Path(name).name
    beside.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        try:
            transfer(f"{base}/{name}", target)
        except FileNotFoundError as error:
            raise BadInputError(f"There are no annotations of COCO at {base}/{name}.") from error
    return target


def _there(photos: str, names: dict[str, int], settings: CocoFetch) -> list[str]:
    """The photos that the source has: of a mirror whose folder can be listed those, else all that are named."""
    if settings.source == "origin":
        return list(names)
    try:
        listed = set(list_files(photos, SUFFIXES))
    except UnlistedError:
        return list(names)
    there = [name for name in names if name in listed]
    if not there:
        raise BadInputError(f"{photos} holds none of the photos that its annotations name.")
    return there
