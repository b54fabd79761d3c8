"""Parameters of arbitrary style transfer. Light: reading them loads no training framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveInt

from atelier.data.prepared.dataset import PreparedData, SplitName
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.on_torch.settings import HardwareSettings
from pipelines.training.style_transfer import CropSettings, StyleTrainingSettings


class ModelSettings(Settings):
    """The network, see `model.StyleNet`."""

    width: PositiveInt
    """Channels of the decoder at the image's own resolution; twice as many at each level below."""
    blocks: PositiveInt
    """Residual blocks at the coarsest level."""
    finest_skip: Literal[1, 2, 4]
    """Stride of the finest level of features that the decoder takes in, in pixels of the image."""
    embedding: PositiveInt
    """Size of the vector that stands for a style in the decoder's norms."""


class AugmentationSettings(CropSettings):
    """The random change of each training image."""

    swap_colors: Annotated[float, Field(ge=0, le=1)]
    """Probability of a random order of a painting's red, green and blue: more palettes than were painted."""


class TrainingSettings(StyleTrainingSettings):
    """One training run, see `training.train`."""

    augmentation: AugmentationSettings


class ArbitraryStyleSettings(FamilySettings):
    """Everything in `conf/*/parameters_arbitrary_style.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {"training": {"sheet_every", "val_items"}}

    # Landscapes are learned from; the photos of the evaluation are those of COCO.
    splits_of_evaluation: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"landscapes": ()}

    model: ModelSettings
    training: TrainingSettings
    hardware: HardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class ArbitraryStyleInputs(FamilyInputs):
    """What the family learns from."""

    coco: PreparedData
    landscapes: PreparedData
    van_gogh: PreparedData
    perceptual: Perceptual
