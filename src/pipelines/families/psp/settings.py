"""Parameters of face editing. This module imports no training framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, field_validator

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.faces.settings import FaceEvaluationSettings
from atelier.pretrained.faces.detector import FaceDetector
from atelier.pretrained.faces.judges import FaceJudges
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.settings import Settings
from pipelines.families.psp.training_settings import TrainingSettings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.on_torch.settings import HardwareSettings

MIN_SIZE = 64
SMALLEST_SIDE = 4
"""Side of the coarsest features of all networks, in pixels."""


class ModelSettings(Settings):
    """Sizes of all networks."""

    size: Annotated[int, Field(ge=MIN_SIZE)]
    """Side of the faces in pixels, a power of two; that of the prepared faces."""
    noise: PositiveInt
    """Size of the random vector from which the mapping network computes a latent vector."""
    width: PositiveInt
    """Size of a latent vector."""
    mapping_layers: PositiveInt
    """Number of layers of the mapping network."""
    channel_base: PositiveInt
    """A side of n pixels has `channel_base` / n channels, in all networks."""
    max_channels: PositiveInt
    """Largest number of channels."""
    pyramid: PositiveInt
    """Number of channels of the encoder's feature pyramid."""

    @field_validator("size")
    @classmethod
    def _is_power_of_two(cls, size: int) -> int:
        if size & (size - 1):
            raise ValueError(f"must be a power of two, got {size}")
        return size

    @property
    def layers(self) -> int:
        """Number of latent vectors of an image: two for each resolution from 4 pixels on."""
        return 2 * (self.size.bit_length() - 2)

    def channels(self, side: int) -> int:
        """Number of channels of features with this side, in pixels."""
        return max(1, min(self.max_channels, self.channel_base // side))

    @property
    def path(self) -> tuple[int, ...]:
        """Number of channels at full size, half of it and so on, down to `SMALLEST_SIDE` pixels."""
        return tuple(self.channels(SMALLEST_SIDE << level) for level in reversed(range(self.layers // 2)))


class DirectionSettings(Settings):
    """How the direction of each attribute is found, and the range in which it may be used."""

    ridge: NonNegativeFloat
    """Penalty of the regression, relative to the variance of a standardized attribute."""
    orthogonal: bool
    """Whether each direction is made orthogonal to all others."""
    drop_below: float
    """An attribute whose direction has a smaller slope, before it is rescaled, is left out. Directions with a slope of
    `response.SMALLEST_RESCALED` or less are not rescaled."""
    largest: PositiveFloat
    """Largest edit for which the range is measured, in standard deviations."""
    step: PositiveFloat
    """Distance of two measured edits."""
    min_slope: Annotated[float, Field(lt=1)]
    """The range ends where another step changes the attribute by less than this fraction of what is asked for."""
    items: PositiveInt
    """Largest number of faces with which slopes and ranges are measured: training faces in the joint stage, validation
    faces for the export."""


class PspSettings(FamilySettings):
    """Everything in `conf/*/parameters_psp.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {
        "training": {"sheet_every", "val_items"},
        "directions": {"drop_below", "largest", "step", "min_slope"},
    }

    model: ModelSettings
    training: TrainingSettings
    directions: DirectionSettings
    hardware: HardwareSettings
    evaluation: FaceEvaluationSettings


@dataclass(frozen=True)
class PspInputs(FamilyInputs):
    """Data sets and pretrained networks of the family."""

    faces: PreparedData
    perceptual: Perceptual
    face_detector: FaceDetector
    face_judges: FaceJudges
