"""Parameters of arbitrary style transfer. This module imports no training framework."""

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
    """Architecture of the network, see `model.StyleNet`."""

    width: PositiveInt
    """Number of channels of the decoder at full resolution. It is doubled at each coarser level."""
    blocks: PositiveInt
    """Number of residual blocks, at the coarsest level."""
    finest_skip: Literal[1, 2, 4]
    """Stride of the finest skip connection from encoder to decoder, in pixels of the image."""
    embedding: PositiveInt
    """Size of the style embedding, from which the norms of the decoder are computed."""


class AugmentationSettings(CropSettings):
    """Random augmentation of each training image."""

    swap_colors: Annotated[float, Field(ge=0, le=1)]
    """Probability that the color channels of a painting are permuted, which gives more palettes."""


class TrainingSettings(StyleTrainingSettings):
    """Parameters of `training.train`."""

    augmentation: AugmentationSettings


class ArbitraryStyleSettings(FamilySettings):
    """Everything in `conf/*/parameters_arbitrary_style.yml`."""

    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {"training": {"sheet_every", "val_items"}}

    # The evaluation uses no landscapes: its photos are those of COCO.
    splits_of_evaluation: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"landscapes": ()}

    model: ModelSettings
    training: TrainingSettings
    hardware: HardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class ArbitraryStyleInputs(FamilyInputs):
    """Data sets and pretrained networks of the family."""

    coco: PreparedData
    landscapes: PreparedData
    van_gogh: PreparedData
    perceptual: Perceptual
