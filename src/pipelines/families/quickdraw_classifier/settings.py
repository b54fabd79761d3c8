"""Parameters of the Quick Draw classifier. Light: reading them loads no training framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from atelier.data.prepared.dataset import PreparedData
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.on_torch.settings import HardwareSettings

Fraction = Annotated[float, Field(ge=0, lt=1)]


class ModelSettings(Settings):
    """The network, see `model.DoodleNet`."""

    widths: Annotated[tuple[PositiveInt, ...], Field(min_length=1, max_length=3)]
    """Channels of each stage; the first stage works at 14 × 14, each further one at half the resolution."""
    depths: Annotated[tuple[PositiveInt, ...], Field(min_length=1, max_length=3)]
    """Residual blocks of each stage."""
    flip_average: bool
    """Export the mean over a drawing and its mirror image: twice the time for a tenth of a point of top-1."""

    @model_validator(mode="after")
    def _one_depth_a_width(self) -> Self:
        if len(self.widths) != len(self.depths):
            raise ValueError(f"widths and depths need one number a stage, got {self.widths} and {self.depths}")
        return self


class AugmentationSettings(Settings):
    """The random change of each training drawing, see `augmentation.Augmentation`."""

    flip: Annotated[float, Field(ge=0, le=1)]
    """Probability of mirroring left to right."""
    rotation: Annotated[float, Field(ge=0, le=180)]
    """Largest angle, degrees either way."""
    scale: Fraction
    """Largest stretch of each axis, as a natural logarithm: 0.15 means 0.86 to 1.16 times."""
    shear: Fraction
    """Largest slant."""
    shift: Fraction
    """Largest shift of each axis, as a fraction of half the picture: 0.08 is a little over 1 pixel of 28."""
    elastic: Fraction
    """Largest shift of the nodes of a smooth random field, in the same unit."""
    mixup: NonNegativeFloat
    """Weights with which pairs are blended come from Beta(mixup, mixup); 0: none are."""


class LossWeights(Settings):
    """Loss name → weight in the sum that is minimised."""

    cross_entropy: PositiveFloat


class TrainingSettings(Settings):
    """One training run, see `training.train`."""

    seed: NonNegativeInt
    """Fixes initial weights, order and augmentation."""
    epochs: PositiveInt
    epoch_items: PositiveInt | None
    """Drawings from one checkpoint and validation to the next; None: all of the training split."""
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    """Peak of the schedule: a linear rise, then half a cosine to zero."""
    warmup_steps: PositiveInt
    """Steps of the rise."""
    momentum: Annotated[float, Field(gt=0, lt=1)]
    """Nesterov's."""
    weight_decay: NonNegativeFloat
    """On convolution and linear weights only."""
    label_smoothing: Fraction
    average_decay: Fraction
    """Decay a step of the moving average of the weights, which is what is validated and exported."""
    losses: LossWeights
    augmentation: AugmentationSettings


class EvaluationSettings(Settings):
    """How the exported file is judged on the test split."""

    resamples: PositiveInt
    """Bootstrap resamples behind each interval."""
    seed: NonNegativeInt
    worst: PositiveInt
    """Drawings in the picture of the worst mistakes."""
    calibration_bins: PositiveInt


class ClassifierSettings(FamilySettings):
    """Everything in `conf/*/parameters_quickdraw_classifier.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {"model": {"flip_average"}}

    model: ModelSettings
    training: TrainingSettings
    hardware: HardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class ClassifierInputs(FamilyInputs):
    """What the family learns from."""

    quickdraw: PreparedData
