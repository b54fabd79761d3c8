"""Parameters of CycleGAN. This module imports no training framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.translation.settings import EvaluationSettings
from atelier.pretrained.backbones.asset import Backbone
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.discriminator_augmentation import AugmentationSettings, Fraction
from pipelines.training.on_tensorflow.settings import ReplicatedHardwareSettings
from pipelines.training.style_transfer import ContentConstraint, CropSettings


class ResidualSettings(Settings):
    """Residual blocks at a quarter of the size, with skip connections around them."""

    kind: Literal["residual"]
    width: PositiveInt
    """Channels at full size; twice and four times as many at a half and a quarter of it."""
    blocks: PositiveInt
    """Number of residual blocks. The paper has 6 for 128 px and 9 for 256 px."""
    outer_kernel: Literal[3, 5, 7, 9]
    """Side of the first and the last kernel, in pixels."""

    @property
    def stride(self) -> int:
        """Height and width are padded to multiples of this."""
        return 4

    @property
    def reach(self) -> int:
        """Largest distance in pixels between an output pixel and an input pixel that it depends on."""
        outer, down, blocks, up = 2 * (self.outer_kernel // 2), 1 + 2, 2 * 4 * self.blocks, (2 + 4) + (1 + 2)
        return outer + down + blocks + up


class UNetSettings(Settings):
    """A U-Net with a skip connection at each resolution."""

    kind: Literal["unet"]
    width: PositiveInt
    """Channels at full size; doubled at each level below."""
    levels: Annotated[int, Field(ge=2, le=6)]
    """How often the size is halved."""
    max_width: PositiveInt
    """Largest number of channels of a level."""
    outer_kernel: Literal[3, 5, 7, 9]
    """Side of the first and the last kernel, in pixels."""

    @property
    def stride(self) -> int:
        """Height and width are padded to multiples of this."""
        return 1 << self.levels

    @property
    def reach(self) -> int:
        """Largest distance in pixels between an output pixel and an input pixel that it depends on."""
        outer, down, bottom = 2 * (self.outer_kernel // 2), self.stride - 1, self.stride
        up = sum(3 << level for level in range(self.levels))
        return outer + down + bottom + up

    def channels(self, level: int) -> int:
        """Channels at 1 / 2^level of the size."""
        return min(self.width << level, self.max_width)


Generator = Annotated[ResidualSettings | UNetSettings, Field(discriminator="kind")]


class DiscriminatorSettings(Settings):
    """Sizes of both discriminators, see `discriminator`."""

    patch: Literal[34, 70]
    """Side in pixels of the parts of an image that are scored. Brush strokes are small."""
    width: PositiveInt
    """Channels of the PatchGAN at half the size; doubled at each level below."""
    head_width: PositiveInt
    """Channels of the heads on features of the perceptual network."""
    features: bool
    """Whether there are such heads: one for each style layer but the finest one."""


class ModelSettings(Settings):
    """The four networks."""

    to_painting: Generator
    """Photo → painting; this one is served."""
    to_photo: Generator
    """Painting → photo. It may be smaller: it is needed for the cycles only."""
    discriminator: DiscriminatorSettings


class LossWeights(Settings):
    """Loss name → weight in the sum that the generators minimize, see `losses`."""

    adversarial: PositiveFloat
    cycle: PositiveFloat
    """At the start. It falls linearly to `final_cycle`."""
    final_cycle: NonNegativeFloat
    content: NonNegativeFloat
    """Content distance between a photo and its painting, in features of the perceptual network. 0: not computed."""
    identity: NonNegativeFloat
    """0: not computed, which saves a third of the time."""


class SquareSettings(CropSettings):
    """Random squares of the training images. They may be small: the discriminators see patches only."""

    max_crop: Annotated[float, Field(gt=0, le=1)]
    """Side of the largest random crop, as a fraction of the image's shorter side."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_crop > self.max_crop:
            raise ValueError(f"min_crop must not be above max_crop, got {self.min_crop} and {self.max_crop}")
        return self


class TrainingSettings(Settings):
    """Parameters of `training.train`."""

    seed: NonNegativeInt
    """Seed of the initial weights, the order of the items and all other random numbers."""
    epochs: PositiveInt
    epoch_items: PositiveInt
    """Number of photos, and of paintings, in an epoch. Each epoch ends with validation and a checkpoint."""
    batch_size: PositiveInt
    """On all devices together."""
    size: Annotated[int, Field(ge=32)]
    """Side of the training images, in pixels."""
    optimizer: Literal["adam", "muon"]
    """Of the generators. Muon is used for kernels only, see `on_tensorflow.muon`. The discriminators use Adam."""
    generator_learning_rate: PositiveFloat
    discriminator_learning_rate: PositiveFloat
    warmup_steps: PositiveInt
    """Steps of a linear warmup of the generators' learning rate."""
    decay_start: Annotated[float, Field(ge=0, le=1)]
    """Fraction of the steps with a constant learning rate. Then it falls linearly to 0."""
    reconstruction_steps: NonNegativeInt
    """First steps in which the generators learn to reproduce their input. Without them colors may be inverted for the
    rest of the training."""
    cycle_noise: NonNegativeFloat
    """Standard deviation of noise that is added to a translated image before it is translated back, in gray levels.
    It prevents that details are hidden in the image (Chu et al. 2017, arXiv:1712.02950)."""
    pool_size: NonNegativeInt
    """Number of earlier results that are kept for the discriminators (section 4 of the paper)."""
    average_decay: Fraction
    """Decay per step of the moving average of the generators' weights, which is validated and exported."""
    losses: LossWeights
    content_constraint: ContentConstraint | None
    """None: the weight of the content loss is constant."""
    crops: SquareSettings
    discriminator_augmentation: AugmentationSettings
    val_items: PositiveInt
    """Number of validation photos, the same in every epoch."""
    val_size: Annotated[int, Field(ge=32)]
    """Side of the validation photos, in pixels."""
    sheet_every: PositiveInt
    """Interval between two sheets of validation photos in MLflow, in epochs. The last epoch always has a sheet."""

    @property
    def steps(self) -> int:
        """Number of steps in an epoch."""
        return max(1, self.epoch_items // self.batch_size)


class CycleGanSettings(FamilySettings):
    """Everything in `conf/*/parameters_cyclegan_unet.yml` and `conf/*/parameters_cyclegan_resnet.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {"training": {"sheet_every", "val_items", "val_size"}}

    model: ModelSettings
    training: TrainingSettings
    hardware: ReplicatedHardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class CycleGanInputs(FamilyInputs):
    """Data sets and pretrained networks of the family."""

    landscapes: PreparedData
    van_gogh: PreparedData
    perceptual: Perceptual
    backbone: Backbone
