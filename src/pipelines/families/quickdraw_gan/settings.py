"""Parameters of the Quick Draw generator. Light: reading them loads no training framework."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.registry.gate.settings import Budgets, GateSettings, Rule
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilySettings
from pipelines.lifecycle.tuning import FloatRange, MedianPruning, TuningSettings
from pipelines.training.on_tensorflow.settings import HardwareSettings


class EvaluationSettings(Settings):
    """What is drawn and measured, see `evaluation.evaluate`."""

    resamples: PositiveInt = 1000
    """Bootstrap resamples behind each interval."""
    seed: NonNegativeInt = 0
    """Of the noise and of the resamples."""
    samples_per_class: Annotated[int, Field(ge=4)] = 200
    """Drawings generated of each class, and the most real ones of each that they are compared with."""
    large_class: PositiveInt = 3000
    """Drawings, of all splits, from which on a class counts for `agreement_large`."""
    copy_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    """Share of real test drawings that is let pass for copies; it sets how near is too near."""
    distance_drawings: Annotated[int, Field(ge=2)] = 3000
    """The most drawings on each side of the Fréchet and the kernel distance; memory grows with the square."""
    score_drawings: Annotated[int, Field(ge=2)] = 5000
    """The most drawings that the classifier of the accuracy score learns from; time grows with the cube."""
    rows: PositiveInt = 30
    """The most classes on a sheet of drawings."""
    columns: Annotated[int, Field(ge=2)] = 8
    """Generated drawings of a class on the sheet of samples."""


Fraction = Annotated[float, Field(ge=0, lt=1)]


class ModelSettings(Settings):
    """The networks, see `model`."""

    noise: PositiveInt = 64
    """Size of the latent vector."""
    label_embedding: PositiveInt = 32
    """Size of the vector that stands for the label beside the noise."""
    generator_width: Annotated[int, Field(ge=4, multiple_of=4)] = 128
    """Channels of the generator at 7 × 7; half and a quarter of them at 14 × 14 and 28 × 28."""
    discriminator_width: PositiveInt = 48
    """Channels of the discriminator at 14 × 14; twice and four times as many at 7 × 7 and 4 × 4."""
    truncation: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The exported generator's noise is scaled by it: below 1, drawings are more typical and less diverse."""


class DiscriminatorLosses(Settings):
    """Loss name → weight, see `losses.discriminator_losses`."""

    adversarial: PositiveFloat = 1.0
    label: NonNegativeFloat = 1.0
    gradient_penalty: NonNegativeFloat = 0.5


class GeneratorLosses(Settings):
    """Loss name → weight, see `losses.generator_losses`."""

    adversarial: PositiveFloat = 1.0
    label: NonNegativeFloat = 0.2


class TrainingSettings(Settings):
    """One training run, see `training.train`."""

    seed: NonNegativeInt = 0
    """Fixes initial weights, order and noise."""
    epochs: PositiveInt = 20
    epoch_items: PositiveInt | None = None
    """Real drawings from one checkpoint to the next; None: all of the training split."""
    batch_size: PositiveInt = 64
    generator_learning_rate: PositiveFloat = 1e-3
    discriminator_learning_rate: PositiveFloat = 1e-3
    beta_1: Fraction = 0.0
    """Adam's, of the gradient's mean. Momentum makes two players circle each other (Gidel et al., 2018)."""
    beta_2: Fraction = 0.99
    """Adam's, of the gradient's square."""
    average_decay: Fraction = 0.999
    """Decay a step of the moving average of the generator's weights, which is what is validated and exported."""
    discriminator_losses: DiscriminatorLosses = DiscriminatorLosses()
    generator_losses: GeneratorLosses = GeneratorLosses()
    sheet_every: PositiveInt = 5
    """Epochs from one sheet of samples in MLflow to the next; all of them are drawn from the same noise."""
    patience: PositiveInt = 3
    """Epochs in a row with a discriminator that is never wrong after which training is given up."""


class GanSettings(FamilySettings):
    """Everything in `conf/*/parameters_quickdraw_gan.yml`."""

    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    hardware: HardwareSettings = HardwareSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    gate: GateSettings = GateSettings(
        primary="frechet",
        rules={"frechet": Rule(direction="lower", tolerance=0.3), "agreement": Rule(tolerance=0.01)},
        budgets=Budgets(latency_p95_ms=20.0, size_mb=6.0, parity=1e-4),
    )
    tuning: TuningSettings = TuningSettings(
        metric="val_distance",
        direction="minimize",
        space={"training.generator_learning_rate": FloatRange(low=1e-4, high=4e-3, log=True)},
        overrides={},
        startup_trials=10,
        pruning=MedianPruning(startup_trials=5, warmup_epochs=1),
        heartbeat_s=10,
        seed=0,
    )
