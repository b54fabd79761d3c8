"""The attributes of faces in standard deviations of the training data."""

import logging
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData, SplitName
from atelier.errors import BadInputError
from atelier.evaluation.faces.judges import of_judges
from atelier.pretrained.faces.judges import FaceJudges

UNITS = {"age": "years"}
"""Attribute → unit of its values. The others are classes and ratios."""
PERCENTILES = (1, 99)
"""Labels beyond these percentiles are seen as outliers."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attributes:
    """Attributes that differ between training faces; all others cannot be learned.

    Arrays have one entry per attribute.
    """

    names: tuple[str, ...]
    columns: NDArray[np.int64]
    """Their columns in the data."""
    judges_learn: NDArray[np.bool_]
    """Whether the judges of the evaluation learn it from labels."""
    means: NDArray[np.float32]
    deviations: NDArray[np.float32]
    lowest: NDArray[np.float32]
    """The lowest usual value, in standard deviations from the mean."""
    highest: NDArray[np.float32]

    @classmethod
    def of(cls, faces: PreparedData, judges: FaceJudges) -> Self:
        """The attributes of the training split.

        Parameters
        ----------
        judges
            The judges of the evaluation that need not learn. They are asked for the names of their attributes only.

        Raises
        ------
        BadInputError
            When no attribute differs between faces.
        """
        values = faces.split("train")["attributes"][:].astype(np.float64)
        counts = np.isfinite(values).sum(0)
        deviations = np.array([np.nanstd(v) if n else 0.0 for v, n in zip(values.T, counts, strict=True)])
        columns = np.flatnonzero(deviations > 0)
        names = faces.manifest.attributes
        if not len(columns):
            raise BadInputError("No attribute of the training faces has two different values. Prepare more faces.")
        if missing := set(names) - {names[column] for column in columns}:
            logger.warning("%s: no direction, because the training faces have no different values.", ", ".join(missing))
        values, deviations = values[:, columns], deviations[columns]
        means = np.nanmean(values, 0)
        lowest, highest = np.nanpercentile((values - means) / deviations, PERCENTILES, axis=0)
        learned = tuple(names[column] for column in columns)
        judges_learn = np.array([name not in judges.attributes for name in learned])
        return cls(learned, columns, judges_learn, *np.array([means, deviations, lowest, highest], np.float32))

    def standardized(self, faces: PreparedData, split: SplitName) -> NDArray[np.float32]:
        """The labels of a split in standard deviations from the mean, (items, attributes); NaN where one is missing."""
        labels = faces.split(split)["attributes"][:][:, self.columns]
        return np.asarray((labels - self.means) / self.deviations, np.float32)

    def training_labels(self, faces: PreparedData) -> NDArray[np.float32]:
        """As `standardized`, of the training faces; NaN also for labels from which the evaluation's judges learn."""
        labels = self.standardized(faces, "train")
        labels[np.ix_(of_judges(faces.split("train")["id"][:]), self.judges_learn)] = np.nan
        return labels
