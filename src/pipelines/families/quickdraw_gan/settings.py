"""Parameters of the Quick Draw generator. Light: reading them loads no training framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.data.prepared.dataset import PreparedData, SplitName
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.on_tensorflow.settings import HardwareSettings


class EvaluationSettings(Settings):
    """What is drawn and measured, see `evaluation.evaluate`."""

    resamples: PositiveInt
    """Bootstrap resamples behind each interval."""
    seed: NonNegativeInt
    """Of the noise and of the resamples."""
    samples_per_class: Annotated[int, Field(ge=4)]
    """Drawings generated of each class, and the most real ones of each that they are compared with."""
    large_class: PositiveInt
    """Drawings, of all splits, from which on a class counts for `agreement_large`."""
    copy_share: Annotated[float, Field(gt=0, lt=0.5)]
    """Share of real test drawings that is let pass for copies; it sets how near is too near."""
    distance_drawings: Annotated[int, Field(ge=2)]
    """The most drawings on each side of the Fréchet and the kernel distance; memory grows with the square."""
    score_drawings: Annotated[int, Field(ge=2)]
    """The most drawings that the classifier of the accuracy score learns from; time grows with the cube."""
    rows: PositiveInt
    """The most classes on a sheet of drawings."""
    columns: Annotated[int, Field(ge=2)]
    """Generated drawings of a class on the sheet of samples."""


Fraction = Annotated[float, Field(ge=0, lt=1)]


class ModelSettings(Settings):
    """The networks, see `model`."""

    noise: PositiveInt
    """Size of the latent vector."""
    label_embedding: PositiveInt
    """Size of the vector that stands for the label beside the noise."""
    generator_width: Annotated[int, Field(ge=4, multiple_of=4)]
    """Channels of the generator at 7 × 7; half and a quarter of them at 14 × 14 and 28 × 28."""
    discriminator_width: PositiveInt
    """Channels of the discriminator at 14 × 14; twice and four times as many at 7 × 7 and 4 × 4."""
    truncation: Annotated[float, Field(gt=0, le=1)]
    """The exported generator's noise is scaled by it: below 1, drawings are more typical and less diverse."""


class DiscriminatorLosses(Settings):
    """Loss name → weight, see `losses.discriminator_losses`."""

    adversarial: PositiveFloat
    label: NonNegativeFloat
    gradient_penalty: NonNegativeFloat


class GeneratorLosses(Settings):
    """Loss name → weight, see `losses.generator_losses`."""

    adversarial: PositiveFloat
    label: NonNegativeFloat


class TrainingSettings(Settings):
    """One training run, see `training.train`."""

    seed: NonNegativeInt
    """Fixes initial weights, order and noise."""
    epochs: PositiveInt
    epoch_items: PositiveInt | None
    """Real drawings from one checkpoint to the next; None: all of the training split."""
    batch_size: PositiveInt
    generator_learning_rate: PositiveFloat
    discriminator_learning_rate: PositiveFloat
    beta_1: Fraction
    """Adam's, of the gradient's mean. Momentum makes two players circle each other (Gidel et al., 2018)."""
    beta_2: Fraction
    """Adam's, of the gradient's square."""
    average_decay: Fraction
    """Decay a step of the moving average of the generator's weights, which is what is validated and exported."""
    discriminator_losses: DiscriminatorLosses
    generator_losses: GeneratorLosses
    sheet_every: PositiveInt
    """Epochs from one sheet of samples in MLflow to the next; all of them are drawn from the same noise."""
    patience: PositiveInt
    """Epochs in a row with a discriminator that is never wrong after which training is given up."""


class GanSettings(FamilySettings):
    """Everything in `conf/*/parameters_quickdraw_gan.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {
        "model": {"truncation"},
        "training": {"sheet_every", "patience"},
    }

    # Memorization is measured against the training drawings, and the accuracy score is trained on them.
    splits_of_evaluation: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"quickdraw": ("train", "test")}

    model: ModelSettings
    training: TrainingSettings
    hardware: HardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class GanInputs(FamilyInputs):
    """What the family learns from."""

    quickdraw: PreparedData
