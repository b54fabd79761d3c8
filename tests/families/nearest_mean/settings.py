"""Parameters and inputs of the family. Loads no training framework."""

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
    """One training run."""

    epochs: PositiveInt
    """The training drawings are read in so many parts, with a checkpoint after each."""


class EvaluationSettings(Settings):
    """How the model is evaluated on the test split."""

    resamples: PositiveInt
    """Bootstrap resamples behind each interval."""
    seed: NonNegativeInt
    calibration_bins: PositiveInt


class NearestMeanSettings(FamilySettings):
    """Everything in `conf/*/parameters_nearest_mean.yml`."""

    model: ModelSettings
    training: TrainingSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class NearestMeanInputs(FamilyInputs):
    """What the family learns from."""

    quickdraw: PreparedData
