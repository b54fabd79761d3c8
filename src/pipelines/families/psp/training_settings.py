"""Parameters of the training of face editing. This module imports no training framework."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from atelier.settings import Settings
from pipelines.training.discriminator_augmentation import AugmentationSettings, Fraction

DEVIATION_GROUP = 4
"""Number of images from which the discriminator computes a standard deviation. Batches are multiples of it: groups of
another size would tell generated images from faces."""

Stage = Literal["generator", "encoder", "autoencoder", "joint"]


class StageSettings(Settings):
    """Number of epochs of each stage of the training, in their order. The attribute regressor is trained in all."""

    generator: NonNegativeInt
    """The generator against the discriminator."""
    encoder: NonNegativeInt
    """The encoder for the frozen generator."""
    autoencoder: NonNegativeInt
    """Encoder and generator together, for reconstructions only."""
    joint: NonNegativeInt
    """Encoder and generator together, with samples and edits. With 0 here and in `autoencoder`, the order of pSp."""

    @property
    def epochs(self) -> int:
        """Number of epochs of all stages."""
        return self.generator + self.encoder + self.autoencoder + self.joint

    def of(self, epoch: int) -> Stage:
        """The stage of an epoch. The first epoch is 0."""
        stages: list[Stage] = [stage for stage in get_args(Stage) for _ in range(getattr(self, stage))]
        return stages[epoch]

    @model_validator(mode="after")
    def _trains_the_encoder(self) -> Self:
        if self.epochs == self.generator:
            raise ValueError("encoder, autoencoder or joint needs an epoch, in which the encoder is trained")
        return self


class LearningRates(Settings):
    """Peak learning rates. Encoder, decoder and regressor are trained with `on_torch.muon`, all others with Adam. Muon
    trains all that is no kernel with Adam, at a tenth of the rate."""

    generator: PositiveFloat
    """Of the generator in its own stage."""
    decoder: PositiveFloat
    """Of the generator where it is trained together with the encoder."""
    discriminator: PositiveFloat
    encoder: PositiveFloat
    latent_discriminator: PositiveFloat
    regressor: PositiveFloat


class LossWeights(Settings):
    """Loss name → weight in the sum that encoder and generator minimize."""

    adversarial: NonNegativeFloat
    """Non-saturating loss of everything that the discriminator sees."""
    l2: NonNegativeFloat
    """Of a face and its reconstruction, as the next two."""
    perceptual: NonNegativeFloat
    identity: NonNegativeFloat
    attributes: NonNegativeFloat
    """Mean squared difference of what the regressor sees in a face and its reconstruction; 0: not computed."""
    offset: NonNegativeFloat
    """Mean square of the differences of a face's latent vectors from the first of them (e4e, equation 2)."""
    latent_adversarial: NonNegativeFloat
    """Non-saturating loss of the encoder's latent vectors (e4e, equation 3)."""
    cycle: NonNegativeFloat
    """Between the latents of an edit, and the latents that the encoder finds in its image."""
    moved: NonNegativeFloat
    """Difference of the edited attribute from what was asked for, as the regressor sees it."""
    kept: NonNegativeFloat
    """Change of the other attributes."""
    kept_identity: NonNegativeFloat
    """Identity loss of an edit and the reconstruction."""


class EditSettings(Settings):
    """Random edits of the joint stage."""

    largest: PositiveFloat
    """Edits are drawn uniformly between plus and minus this number, in standard deviations of the attribute."""
    refit_items: PositiveInt
    """Largest number of faces to which the directions are fitted before each epoch of the joint stage."""


class TrainingSettings(Settings):
    """Parameters of `training.train`."""

    seed: NonNegativeInt
    """Seed of the initial weights, the order of the items and all other random numbers."""
    stages: StageSettings
    epoch_items: PositiveInt
    """Number of faces in an epoch. Each epoch ends with validation and a checkpoint."""
    batch_size: Annotated[int, Field(ge=DEVIATION_GROUP, multiple_of=DEVIATION_GROUP)]
    joint_samples: Annotated[int, Field(ge=DEVIATION_GROUP, multiple_of=DEVIATION_GROUP)]
    """Images of each kind (samples, reconstructions, edits) that the discriminator sees in a step of the joint stage,
    beside `batch_size` faces."""
    learning_rates: LearningRates
    decay_start: Annotated[float, Field(ge=0, le=1)]
    """Fraction of all steps with constant learning rates. Then they fall linearly to 0."""
    average_decay: Fraction
    """Decay per step of the moving averages of generator and encoder, which are validated and exported."""
    style_mixing: Annotated[float, Field(ge=0, le=1)]
    """Probability that the latents of a sample come from two random vectors."""
    r1_weight: NonNegativeFloat
    """Weight γ / 2 of the gradient penalty of the discriminator (Mescheder et al. 2018, arXiv:1801.04406)."""
    r1_every: PositiveInt
    """Interval of the gradient penalty in steps. Its weight is multiplied by this number (StyleGAN2, appendix B)."""
    flip: Annotated[float, Field(ge=0, le=1)]
    """Probability of mirroring a face."""
    losses: LossWeights
    edits: EditSettings
    discriminator_augmentation: AugmentationSettings
    regressor_augmentation: AugmentationSettings
    val_items: PositiveInt
    """Largest number of validation faces."""
    sheet_every: PositiveInt
    """Interval between two sheets of images in MLflow, in epochs. The last epoch always has sheets."""

    @property
    def epochs(self) -> int:
        """Number of epochs of all stages."""
        return self.stages.epochs

    @property
    def steps(self) -> int:
        """Number of steps in an epoch."""
        return max(1, self.epoch_items // self.batch_size)

    @model_validator(mode="after")
    def _samples_fit(self) -> Self:
        if self.joint_samples > self.batch_size:
            raise ValueError(f"joint_samples must not be above batch_size, {self.batch_size}")
        return self
