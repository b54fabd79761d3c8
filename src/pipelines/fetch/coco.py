"""Fetch COCO 2017, photos of everyday scenes with annotations: made here, from a mirror, or from the publisher.

The photos are fetched one by one, those that the annotations name. 500 photos therefore do not cost the 19 GB of all.
"""

import hashlib
import logging
import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from atelier.data.download import raw_folder
from atelier.data.download.archives import ArchiveSpec, archive_specs, in_hash_order
from atelier.data.download.dvc import pull_if_absent
from atelier.data.download.listing import UnlistedError, find_files, is_macos_companion
from atelier.data.download.open_remote import FileVersion
from atelier.data.download.source import DataRequest, Source, is_fetched
from atelier.data.download.transfer import transfer
from atelier.data.download.versions import source_versions
from atelier.data.ingest import coco
from atelier.data.samples import scenes
from atelier.errors import BadInputError
from atelier.preprocessing.images import SUFFIXES, ImageArray
from atelier.relative_names import is_inside
from pipelines.fetch import images
from pipelines.fetch.images import ImagesFetch

log = logging.getLogger(__name__)

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

    Photos of a folder of one's own (`settings.folder`) need no annotations.

    Raises
    ------
    BadInputError
        When the mirror holds no annotations of COCO, or none of the photos that they name.
    TransferError
        When the connection kept failing. The next run continues from there.
    """
    pull_if_absent(folder)
    if settings.folder is not None:
        images.fetch_own(folder, settings, COCO)
    elif settings.source == "sample":
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
    photos = f"{base}/{settings.part}"
    listed = _list(photos) if settings.source == "mirror" else None
    if is_fetched(folder, request) and not _has_changed(folder, request, photos, listed, settings):
        return
    annotations_folder = folder.with_name(f".{folder.name}.annotations")
    annotations = _fetch_annotations(annotations_folder, base, settings)
    ids = _usable({name: image for image, name in coco.image_names(annotations, settings.part)})
    names = in_hash_order(_available(photos, ids, listed))[: settings.items]
    finish = partial(
        _write_annotations, annotations=annotations, settings=settings, images={ids[name] for name in names}
    )
    files = archive_specs(photos, names)
    versions = _versions(base, files, listed, settings) if settings.source == "mirror" else {}
    workers = images.PARALLEL_ARCHIVES
    raw_folder.fetch(folder, request, files, max_workers=workers, finish=finish, versions=versions)
    shutil.rmtree(annotations_folder)


def _has_changed(
    folder: Path, request: DataRequest, photos: str, listed: list[str] | None, settings: CocoFetch
) -> bool:
    """Whether a mirror has other photos or annotations than those that were fetched from it."""
    if settings.source != "mirror":
        return False
    annotations = folder / _annotations_name(settings)
    names = in_hash_order(name for _, name in coco.image_names(annotations, settings.part))
    versions = _versions(request.address, archive_specs(photos, names), listed, settings)
    return bool(Source.read(folder).changed(folder, versions))


def _versions(
    base: str, files: Mapping[str, ArchiveSpec], listed: list[str] | None, settings: CocoFetch
) -> dict[str, FileVersion]:
    """Versions of the archives, of the annotations as a whole, and of the list of photos where there is one."""
    name = _annotations_name(settings)
    whole = {f"{name} (whole)": version for version in source_versions({name: f"{base}/{name}"}).values()}
    names = hashlib.sha256("\0".join(listed or ()).encode("utf-8", "surrogateescape")).hexdigest()
    photos = {settings.part: FileVersion(None, names)} if listed is not None else {}
    return source_versions(files) | whole | photos


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


def _usable(ids: Mapping[Any, int]) -> dict[str, int]:
    """The photos whose file names can be used: names come from outside, and may lead out of the folder."""
    usable = {name: image for name, image in ids.items() if isinstance(name, str) and _is_usable(name)}
    if len(usable) < len(ids):
        log.warning("%d photos of the annotations have no usable names and are passed over.", len(ids) - len(usable))
    return usable


def _is_usable(name: str) -> bool:
    return is_inside(name) and not is_macos_companion(name)


def _list(photos: str) -> list[str] | None:
    """The photos of a mirror, in folders or not; None where it cannot be listed."""
    try:
        return find_files(photos, SUFFIXES)
    except UnlistedError:
        return None


def _available(photos: str, names: Mapping[str, int], listed: list[str] | None) -> list[str]:
    """The annotated photos that the source has; all annotated photos where its folder cannot be listed."""
    if listed is None:
        return list(names)
    there = set(listed)
    available = [name for name in names if name in there]
    if not available:
        raise BadInputError(f"{photos} holds none of the photos that its annotations name.")
    if len(available) < len(there):
        log.warning("%d photos in %s have no annotations and are passed over.", len(there) - len(available), photos)
    return available
