"""Parameters of the Quick Draw classifier. This module imports no training framework."""

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
    """Size of the network, see `model.DrawingNet`."""

    widths: Annotated[tuple[PositiveInt, ...], Field(min_length=1, max_length=3)]
    """Number of channels of each stage. The resolution is 14 × 14 in the first stage and is halved in each further
    stage."""
    depths: Annotated[tuple[PositiveInt, ...], Field(min_length=1, max_length=3)]
    """Number of residual blocks of each stage."""
    unsure: Annotated[float, Field(ge=0, lt=0.5)]
    """Fraction of the validation drawings that the exported model may call unsure: it sets the probability below which
    no label fits. 0: it never is unsure."""
    flip_average: bool
    """Whether the exported file averages over a drawing and its mirror image: twice the time, 0.1 % more top-1
    accuracy."""

    @model_validator(mode="after")
    def _equal_lengths(self) -> Self:
        if len(self.widths) != len(self.depths):
            raise ValueError(f"widths and depths need one number per stage, got {self.widths} and {self.depths}")
        return self


class AugmentationSettings(Settings):
    """Random augmentation of each training drawing, see `augmentation.Augmentation`."""

    flip: Annotated[float, Field(ge=0, le=1)]
    """Probability of mirroring left to right."""
    rotation: Annotated[float, Field(ge=0, le=180)]
    """Largest angle in degrees, in both directions."""
    scale: Fraction
    """Largest natural logarithm of the scale factor of each axis: 0.15 means factors from 0.86 to 1.16."""
    shear: Fraction
    """Largest shear factor."""
    shift: Fraction
    """Largest shift of each axis, as a fraction of half the image size: 0.08 is 1.1 of 28 pixels."""
    elastic: Fraction
    """Largest shift of the nodes of the elastic transform, in the same unit."""
    mixup: NonNegativeFloat
    """The weights of mixup are drawn from Beta(mixup, mixup). 0: no mixup."""


class LossWeights(Settings):
    """Loss name → weight in the sum that is minimized."""

    cross_entropy: PositiveFloat


class TrainingSettings(Settings):
    """Parameters of `training.train`."""

    seed: NonNegativeInt
    """Seed of the initial weights, the order of the items and the augmentation."""
    epochs: PositiveInt
    epoch_items: PositiveInt | None
    """Number of drawings in an epoch. Each epoch ends with validation and a checkpoint. None: the whole training
    split."""
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    """Peak learning rate, after a linear warmup and before a cosine decay to 0."""
    warmup_steps: PositiveInt
    """Number of steps of the linear warmup."""
    momentum: Annotated[float, Field(gt=0, lt=1)]
    """Nesterov momentum of SGD."""
    weight_decay: NonNegativeFloat
    """Weight decay of convolution and linear weights; biases and norms have none."""
    label_smoothing: Fraction
    average_decay: Fraction
    """Decay per step of the moving average of the weights, which is validated and exported."""
    losses: LossWeights
    augmentation: AugmentationSettings


class EvaluationSettings(Settings):
    """Parameters of `evaluation.evaluate`."""

    resamples: PositiveInt
    """Number of bootstrap resamples for each confidence interval."""
    seed: NonNegativeInt
    worst: PositiveInt
    """Number of drawings in `worst_mistakes.png`."""
    calibration_bins: PositiveInt


class ClassifierSettings(FamilySettings):
    """Everything in `conf/*/parameters_quickdraw_classifier.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {"model": {"flip_average", "unsure"}}

    model: ModelSettings
    training: TrainingSettings
    hardware: HardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class ClassifierInputs(FamilyInputs):
    """Data sets and pretrained networks of the family."""

    quickdraw: PreparedData
