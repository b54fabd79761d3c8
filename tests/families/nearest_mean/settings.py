"""Parameters and inputs of the family. This module imports no training framework."""

from dataclasses import dataclass

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from atelier.data.prepared.dataset import PreparedData
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings


class ModelSettings(Settings):
    """The classifier."""

    sharpness: PositiveFloat
    """Factor of the squared distances in the softmax."""


class TrainingSettings(Settings):
    """Parameters of `training.train`."""

    epochs: PositiveInt
    """The training drawings are read in this number of parts, with a checkpoint after each part."""


class EvaluationSettings(Settings):
    """Parameters of `evaluation.evaluate`."""

    resamples: PositiveInt
    """Number of bootstrap resamples for each confidence interval."""
    seed: NonNegativeInt
    calibration_bins: PositiveInt


class NearestMeanSettings(FamilySettings):
    """Everything in `conf/*/parameters_nearest_mean.yml`."""

    model: ModelSettings
    training: TrainingSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class NearestMeanInputs(FamilyInputs):
    """Data sets and pretrained networks of the family."""

    quickdraw: PreparedData
