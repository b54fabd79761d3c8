"""Prepare faces: as any images, but aligned, and with attributes."""

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import field_validator

from atelier.data.ingest.attributes import TABLE, Attributes, read_names, read_table
from atelier.data.prepared.dataset import PreparedData
from atelier.preprocessing.spec import FaceAlignment, FaceInput
from atelier.pretrained.faces.detector import FaceDetector
from pipelines.prepare import images
from pipelines.prepare.descriptions import Descriptions
from pipelines.prepare.images import ImageKind, ImagesPrepare


class FacesPrepare(ImagesPrepare):
    """How faces are prepared."""

    face: FaceAlignment
    names: str | None
    """Regular expression whose named groups are attributes, for folders without `attributes.csv`."""
    tolerances: dict[str, float]
    """Attribute → largest difference between images that look alike. With a larger one, all of them are dropped."""

    @field_validator("names")
    @classmethod
    def _is_a_pattern(cls, pattern: str | None) -> str | None:
        try:
            groups = re.compile(pattern).groupindex if pattern else {"": 0}
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        if not groups:
            raise ValueError(f"{pattern!r} has no named group, such as (?P<age>[0-9]+)")
        return pattern


def prepare(raw: Path, folder: Path, reports: Path, settings: FacesPrepare, detector: FaceDetector) -> PreparedData:
    """See `images.prepare`. Images without a face that can be aligned are quarantined: `no face`, `not aligned`.

    The faces have the field `attributes`, float32 (columns,), named by `Manifest.attributes`. It is missing where there
    is neither `attributes.csv` nor a pattern for names.

    Raises
    ------
    BadInputError
        Also when `attributes.csv` cannot be read, or alignment by the eyes is asked for without a detector.
    """
    spec = FaceInput(size=(settings.size, settings.size), **settings.face.model_dump())
    kind = ImageKind(
        preprocessing=spec,
        square=detector.aligner(spec),
        describe=lambda names: Descriptions(
            attributes=_attributes(raw, names, settings.names), tolerances=settings.tolerances
        ),
        made_with=detector.manifest.content_hash,
    )
    return images.prepare(raw, folder, reports, settings, kind)


def _attributes(raw: Path, names: Sequence[str], pattern: str | None) -> Attributes:
    if (raw / TABLE).exists():
        return read_table(raw / TABLE)
    return read_names(names, pattern) if pattern else Attributes()
