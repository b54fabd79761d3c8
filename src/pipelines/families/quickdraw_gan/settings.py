"""Parameters of the Quick Draw generator. This module imports no training framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.data.prepared.dataset import PreparedData, SplitName
from atelier.evaluation.generation.settings import EvaluationSettings
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.on_tensorflow.settings import HardwareSettings

Fraction = Annotated[float, Field(ge=0, lt=1)]


class ModelSettings(Settings):
    """Sizes of the networks, see `model`."""

    noise: PositiveInt
    """Size of the latent vector."""
    label_embedding: PositiveInt
    """Size of the label embedding, which is concatenated with the noise."""
    generator_width: Annotated[int, Field(ge=4, multiple_of=4)]
    """Channels of the generator at 7 × 7; half and a quarter of them at 14 × 14 and 28 × 28."""
    discriminator_width: PositiveInt
    """Channels of the discriminator at 14 × 14; twice and four times as many at 7 × 7 and 4 × 4."""
    truncation: Annotated[float, Field(gt=0, le=1)]
    """Factor on the noise of the exported generator. Below 1, drawings are more typical and less diverse."""


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
    """Parameters of `training.train`."""

    seed: NonNegativeInt
    """Seed of the initial weights, the order of the items and the noise."""
    epochs: PositiveInt
    epoch_items: PositiveInt | None
    """Number of real drawings in an epoch. None: the whole training split."""
    batch_size: PositiveInt
    generator_learning_rate: PositiveFloat
    discriminator_learning_rate: PositiveFloat
    beta_1: Fraction
    """Decay of Adam's first moment. It is small, because momentum destabilizes adversarial training (Gidel et al.,
    2018)."""
    beta_2: Fraction
    """Decay of Adam's second moment."""
    average_decay: Fraction
    """Decay per step of the moving average of the generator's weights, which is validated and exported."""
    discriminator_losses: DiscriminatorLosses
    generator_losses: GeneratorLosses
    sheet_every: PositiveInt
    """Interval between two sheets of samples in MLflow, in epochs. The last epoch always has a sheet."""
    patience: PositiveInt
    """Training stops after this many consecutive epochs in which the discriminator made no mistakes."""


class GanSettings(FamilySettings):
    """Everything in `conf/*/parameters_quickdraw_gan.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {
        "model": {"truncation"},
        "training": {"sheet_every", "patience"},
    }

    # Memorization rate and accuracy score need training drawings.
    splits_of_evaluation: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"quickdraw": ("train", "test")}

    model: ModelSettings
    training: TrainingSettings
    hardware: HardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class GanInputs(FamilyInputs):
    """Data sets and pretrained networks of the family."""

    quickdraw: PreparedData
