"""Parameters of the photo classifier. This module imports no training framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.data.prepared.dataset import PreparedData, SplitName
from atelier.pretrained.backbones.asset import Backbone
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.on_tensorflow.settings import HardwareSettings

Fraction = Annotated[float, Field(ge=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class ModelSettings(Settings):
    """Which network, see `model.build_network`."""

    variant: Literal["scratch", "probe", "fine_tuned"]
    """A small network of its own; a linear classifier on frozen features of the backbone; or this one as the start of a
    training that also changes the upper stages of the backbone."""
    size: Annotated[int, Field(ge=32, le=512, multiple_of=32)]
    """Pixels per side of the network's input in training."""
    served_scale: Annotated[float, Field(ge=1, le=2)]
    """Size in the exported file / size in training. Random crops are enlarged to `size`, so a network learns objects
    that are larger than in whole photos of this size (Touvron et al. 2019, arXiv:1906.06423). A probe, which learns
    from whole photos, has always the size of training."""
    first_trainable: NonNegativeInt
    """`fine_tuned`: number of the first stage of the backbone that is trained."""
    widths: Annotated[tuple[PositiveInt, ...], Field(min_length=2)]
    """`scratch`: number of channels of each stage; each halves the resolution."""
    mirror_average: bool
    """Whether the exported file averages over a photo and its mirror image: twice the time."""

    @property
    def size_in_file(self) -> int:
        """Pixels per side to which the exported file resizes photos, a multiple of 32."""
        return self.size if self.variant == "probe" else 32 * round(self.size * self.served_scale / 32)


class ProbeSettings(Settings):
    """The linear classifier on frozen features, see `probe.fit_probe`."""

    l2: PositiveFloat
    """Weight of the squared norm of its weights, for standardized features."""
    views: PositiveInt
    """Number of views of each training photo; the first is the photo itself, the others are flipped or turned."""


class AugmentationSettings(Settings):
    """Random augmentation of each training photo, see `augmentation.augment`."""

    min_area: Annotated[float, Field(gt=0, le=1)]
    """Area of the smallest random crop, as a fraction of the photo."""
    flips: Literal["none", "horizontal", "all"]
    """`all` are both flips and quarter turns, for objects that have no upper side."""
    color: Fraction
    """Largest relative change of brightness, contrast and saturation."""
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
    patience: PositiveInt | None
    """Training ends after so many epochs without a smaller validation loss, and the best weights are exported. None: it
    has all its epochs, and the last weights are exported."""
    epoch_items: PositiveInt | None
    """Number of photos in an epoch. Each epoch ends with validation and a checkpoint. None: the training split."""
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    """Peak learning rate of all weights but the classifier's, after a linear warmup and before a cosine decay."""
    head_learning_rate: PositiveFloat
    """The same of the linear classifier at the end."""
    warmup_steps: NonNegativeInt
    final_learning_rate_fraction: Share
    """Learning rate at the end of the cosine, as a fraction of the peak."""
    weight_decay: NonNegativeFloat
    """Decoupled weight decay of kernels; biases and norms have none (AdamW, Loshchilov & Hutter 2019)."""
    dropout: Fraction
    """Fraction of the features that the classifier does not see in a step."""
    label_smoothing: Fraction
    class_weights: bool
    """Whether each class has the same total weight in the loss, however many photos it has."""
    average_decay: Fraction
    """Decay per step of the moving average of the weights, which is validated and exported."""
    interpolation: Share
    """`fine_tuned`: the exported weights are w₀ + interpolation · (w - w₀), where w₀ are those before the training
    (Wortsman et al. 2022, arXiv:2109.01903)."""
    sheet_every: PositiveInt
    """Interval between two sheets of augmented training photos, in epochs."""
    losses: LossWeights
    probe: ProbeSettings
    augmentation: AugmentationSettings


class UnsureSettings(Settings):
    """When an answer is marked as unsure."""

    keep: Annotated[float, Field(gt=0, lt=1)]
    """Fraction of the validation photos whose answers stay sure; sets the familiarity below which an answer is not."""
    unknown_photos: bool
    """Whether the landscapes show none of the classes: then the fraction of them with a sure answer is measured."""


class EvaluationSettings(Settings):
    """Parameters of `evaluation.evaluate`."""

    resamples: PositiveInt
    """Number of bootstrap resamples for each confidence interval."""
    seed: NonNegativeInt
    worst: PositiveInt
    """Number of photos in `worst_mistakes.png`."""
    calibration_bins: PositiveInt
    disturbed_photos: PositiveInt
    """Number of test photos that are classified again darker, blurred, compressed and turned."""
    occlusion_photos: PositiveInt
    """Number of test photos in `looked_at.png`."""


class PhotoClassifierSettings(FamilySettings):
    """Everything in `conf/*/parameters_photo_classifier.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {
        "model": {"mirror_average", "served_scale"},
        "training": {"sheet_every"},
    }
    splits_of_model: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"landscapes": ()}

    model: ModelSettings
    training: TrainingSettings
    hardware: HardwareSettings
    unsure: UnsureSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class PhotoClassifierInputs(FamilyInputs):
    """Data sets and pretrained networks of the family."""

    photos: PreparedData
    landscapes: PreparedData
    backbone: Backbone
