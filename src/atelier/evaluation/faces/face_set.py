"""The test faces of an evaluation, with what is needed to edit and to judge them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from atelier.evaluation.faces.settings import FaceEvaluationSettings
from atelier.predictors.face_editor import FaceEditor

Images = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FaceSet:
    """Faces with their attributes."""

    images: Images
    ids: NDArray[np.uint64]
    directions: Mapping[str, float]
    """Attribute → its standard deviation."""
    labels: Mapping[str, Floats]
    """Attribute → (n,), NaN where missing."""
    adults: NDArray[np.bool_]
    """(n,); nobody, where there is no age."""

    @classmethod
    def of(cls, faces: PreparedData, editor: FaceEditor, settings: FaceEvaluationSettings) -> Self:
        """The first test faces: a random sample, because they are ordered by a hash.

        Raises
        ------
        BadInputError
            When there are fewer than two.
        """
        split, names = faces.split("test"), faces.manifest.attributes
        images = split["image"][: settings.faces]
        if len(images) < 2:
            raise BadInputError("There are fewer than two test faces. Fetch and prepare more images.")
        values = split["attributes"][: len(images)].astype(np.float64)
        labels = {name: values[:, column] for column, name in enumerate(names)}
        directions = {each.attribute: each.standard_deviation for each in editor.attributes if each.attribute in labels}
        age = labels.get("age", np.full(len(images), np.nan))
        return cls(images, split["id"][: len(images)], directions, labels, age >= settings.adult_age)
