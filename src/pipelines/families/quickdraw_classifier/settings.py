"""Parameters of the Quick Draw classifier. Light: reading them loads no training framework."""

from typing import Annotated, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from atelier.registry.gate.settings import Budgets, GateSettings, Rule
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilySettings
from pipelines.lifecycle.tuning import FloatRange, MedianPruning, TuningSettings
from pipelines.training.on_torch.settings import HardwareSettings

Fraction = Annotated[float, Field(ge=0, lt=1)]


class ModelSettings(Settings):
    """The network, see `model.DoodleNet`."""

    widths: tuple[PositiveInt, ...] = Field(default=(48, 96), min_length=1, max_length=3)
    """Channels of each stage; the first stage works at 14 × 14, each further one at half the resolution."""
    depths: tuple[PositiveInt, ...] = Field(default=(2, 2), min_length=1, max_length=3)
    """Residual blocks of each stage."""
    flip_average: bool = False
    """Export the mean over a drawing and its mirror image: twice the time for a tenth of a point of top-1."""

    @model_validator(mode="after")
    def _one_depth_a_width(self) -> Self:
        if len(self.widths) != len(self.depths):
            raise ValueError(f"widths and depths need one number a stage, got {self.widths} and {self.depths}")
        return self


class AugmentationSettings(Settings):
    """The random change of each training drawing, see `augmentation.Augmentation`."""

    flip: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Probability of mirroring left to right."""
    rotation: Annotated[float, Field(ge=0, le=180)] = 15.0
    """Largest angle, degrees either way."""
    scale: Fraction = 0.15
    """Largest stretch of each axis, as a natural logarithm: 0.15 means 0.86 to 1.16 times."""
    shear: Fraction = 0.1
    """Largest slant."""
    shift: Fraction = 0.08
    """Largest shift of each axis, as a fraction of half the picture: 0.08 is a little over 1 pixel of 28."""
    elastic: Fraction = 0.05
    """Largest shift of the nodes of a smooth random field, in the same unit."""
    mixup: NonNegativeFloat = 0.3
    """Weights with which pairs are blended come from Beta(mixup, mixup); 0: none are."""


class LossWeights(Settings):
    """Loss name → weight in the sum that is minimised."""

    cross_entropy: PositiveFloat = 1.0


class TrainingSettings(Settings):
    """One training run, see `training.train`."""

    seed: NonNegativeInt = 0
    """Fixes initial weights, order and augmentation."""
    epochs: PositiveInt = 20
    epoch_items: PositiveInt | None = None
    """Drawings from one checkpoint and validation to the next; None: all of the training split."""
    batch_size: PositiveInt = 256
    learning_rate: PositiveFloat = 0.3
    """Peak of the schedule: a linear rise, then half a cosine to zero."""
    warmup: Fraction = 0.1
    """Part of the run spent on the rise."""
    momentum: Annotated[float, Field(gt=0, lt=1)] = 0.9
    """Nesterov's."""
    weight_decay: NonNegativeFloat = 5e-4
    """On convolution and linear weights only."""
    label_smoothing: Fraction = 0.1
    average_decay: Fraction = 0.998
    """Decay a step of the moving average of the weights, which is what is validated and exported."""
    losses: LossWeights = LossWeights()
    augmentation: AugmentationSettings = AugmentationSettings()


class EvaluationSettings(Settings):
    """How the exported file is judged on the test split."""

    resamples: PositiveInt = 1000
    """Bootstrap resamples behind each interval."""
    seed: NonNegativeInt = 0
    worst: PositiveInt = 36
    """Drawings in the picture of the worst mistakes."""
    calibration_bins: PositiveInt = 15


class ClassifierSettings(FamilySettings):
    """Everything in `conf/*/parameters_quickdraw_classifier.yml`."""

    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    hardware: HardwareSettings = HardwareSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    gate: GateSettings = GateSettings(
        primary="top1",
        rules={
            "top1": Rule(tolerance=0.002),
            "map3": Rule(tolerance=0.002),
            "macro_f1": Rule(tolerance=0.01),
            "ece": Rule(direction="lower", tolerance=0.03),
        },
        budgets=Budgets(latency_p95_ms=10.0, size_mb=3.0, parity=1e-4),
    )
    tuning: TuningSettings = TuningSettings(
        metric="val_top1",
        direction="maximize",
        space={"training.learning_rate": FloatRange(low=0.05, high=1.0, log=True)},
        overrides={},
        startup_trials=10,
        pruning=MedianPruning(startup_trials=5, warmup_epochs=1),
        heartbeat_s=10,
        seed=0,
    )
