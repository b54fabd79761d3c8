"""Fetch faces with attributes: drawn here, from a mirror, from a data set at Kaggle, or a folder of one's own."""

import csv
import io
from dataclasses import replace
from pathlib import Path

from atelier.data.ingest.attributes import FILE, TABLE
from atelier.data.samples import faces
from atelier.errors import BadInputError
from pipelines.fetch import images
from pipelines.fetch.images import ImagesFetch, ImageSource

IMAGE_NAME = "images/{:06d}.jpg"
SAMPLE_USE = "For trying out and testing: the faces are drawings of nobody."
REAL_USE = (
    "For research on editing images of faces. Not for finding out who somebody is, for guessing anybody's age or "
    "gender, for decisions about people, or for showing people as they are not: edit only images of people who agreed "
    "to it, and say that they are edited."
)
FACES = ImageSource(
    name="faces",
    licence="UTKFace (https://susanqq.github.io/UTKFace): for non-commercial research only; the images belong to their "
    "owners and are not to be passed on",
    paint=faces.paint,
    sample_name=IMAGE_NAME.format,
    intended_use=REAL_USE,
    table=TABLE,
)


class FacesFetch(ImagesFetch):
    """Which faces to fetch, and from where. A mirror holds `faces/` with images and `attributes.csv`."""

    kaggle: str | None
    """Kaggle's owner/name of the data set that the source `origin` fetches."""
    intended_use: str | None
    """What the faces in `folder`, in a mirror or from Kaggle may be used for; None: research, see `REAL_USE`."""


def fetch(folder: Path, settings: FacesFetch) -> Path:
    """Fill the raw folder with archives of faces and `attributes.csv`; see `images.fetch`.

    Raises
    ------
    BadInputError
        Also when the source is `origin` and no data set is named.
    """
    source = replace(FACES, intended_use=settings.intended_use or REAL_USE)
    if settings.folder is None and settings.source == "sample":
        source = replace(FACES, intended_use=SAMPLE_USE)
        images.make_sample(folder, settings, source, lambda building: _write_table(building, settings))
        return folder
    if settings.folder is None and settings.source == "origin":
        source = replace(source, kaggle=_handle(settings), licence=_kaggle_licence(settings))
    return images.fetch(folder, settings, source)


def _handle(settings: FacesFetch) -> str:
    if not settings.kaggle:
        raise BadInputError(
            "No data set of faces is named: set faces.fetch.kaggle to its owner/name at Kaggle, faces.fetch.folder to "
            "a folder of your own, or faces.fetch.source to sample or mirror."
        )
    return settings.kaggle


def _kaggle_licence(settings: FacesFetch) -> str:
    return settings.licence or f"as stated at https://www.kaggle.com/datasets/{settings.kaggle}"


def _write_table(building: Path, settings: FacesFetch) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([FILE, *faces.Attributes._fields])
    for number in range(settings.items or 0):
        name = IMAGE_NAME.format(number).removeprefix("images/")
        writer.writerow([name, *(f"{value:g}" for value in faces.attributes(settings.seed, number))])
    (building / TABLE).write_text(out.getvalue(), encoding="utf-8")
