"""Prepare photos in one folder per class: as any images, with a label and a group for each."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pydantic import field_validator

from atelier.data.prepared.dataset import PreparedData
from atelier.preprocessing.images import Fit, decode_square
from atelier.preprocessing.spec import PhotoInput
from pipelines.prepare import images
from pipelines.prepare.descriptions import Descriptions
from pipelines.prepare.images import ImageKind, ImagesPrepare
from pipelines.prepare.labels import labels_from_names


class PhotosPrepare(ImagesPrepare):
    """How photos are prepared, and what their names say about class and group, see `labels_from_names`."""

    label: str | None
    """Regular expression; None: the class is the first folder of the path."""
    group: str | None
    """Regular expression; None: all photos are independent."""
    fit: Fit
    """How a photo that is not square becomes one."""

    @property
    def photo_input(self) -> PhotoInput:
        """How a photo becomes the model's input."""
        return PhotoInput(size=(self.size, self.size), fit=self.fit)

    @field_validator("label", "group")
    @classmethod
    def _is_a_pattern(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        return pattern


def prepare(raw: Path, folder: Path, reports: Path, settings: PhotosPrepare) -> PreparedData:
    """See `images.prepare`. The photos have the fields `label` and `group` (uint64, equal for a group).

    Raises
    ------
    BadInputError
        Also when a photo has no class, there are fewer than two classes, or one has no photo to learn from.
    """

    def describe(names: Sequence[str]) -> Descriptions:
        return Descriptions(labels=labels_from_names(names, settings.label, settings.group))

    kind = ImageKind(settings.photo_input, square=partial(decode_square, fit=settings.fit), describe=describe)
    return images.prepare(raw, folder, reports, settings, kind)
