"""Parameters of fast style transfer. This module imports no training framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from atelier.data.prepared.dataset import SPLITS, PreparedData, SplitName
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.on_tensorflow.settings import MixedHardwareSettings
from pipelines.training.style_transfer import StyleTrainingSettings

HexPrefix = Annotated[str, Field(pattern=r"^[0-9a-f]{4,16}$")]


class StyleSettings(Settings):
    """The paintings whose styles the network learns, see `styles.select_styles`."""

    count: PositiveInt
    """Number of paintings: the first ones of the training split, which is in random order."""
    paintings: dict[str, HexPrefix]
    """Style name → first hexadecimal digits of the id of a painting in any split. If not empty, `count` is ignored."""
    size: Annotated[int, Field(ge=32)]
    """Side in pixels to which paintings are resized before their Gram matrices are computed. It determines the size of
    the strokes in a photo."""


class ModelSettings(Settings):
    """Architecture of the network, see `model.build_network`."""

    width: PositiveInt
    """Number of channels at full size. It is doubled at half and at a quarter of the size."""
    blocks: NonNegativeInt
    """Number of residual blocks, at a quarter of the size."""
    outer_kernel: Literal[3, 5, 7, 9]
    """Kernel size of the first and the last convolution."""
    finest_skip: Literal[1, 2] | None
    """Stride of the finest skip connection from encoder to decoder. None: no skip connections, as published. Without
    fine details of the photo the output has a checkerboard pattern; with them, the network needs more steps to learn
    strokes."""
    enlarge: Literal["bilinear", "nearest"]
    """Interpolation method of the decoder. `nearest`, as published, needs more steps until the checkerboard
    disappears."""
    perceptual_features: bool
    """Whether features of the perceptual network are an additional input, see `perceptual_features`. Training needs
    fewer steps, but stylizing an image takes longer."""


class FastStyleSettings(FamilySettings):
    """Everything in `conf/*/parameters_fast_style.yml`."""

    evaluation_blocks: ClassVar[frozenset[str]] = frozenset({"evaluation", "styles"})
    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {"training": {"sheet_every", "val_items"}}

    # The paintings of the styles may be in any split.
    splits_of_model: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"van_gogh": SPLITS}
    splits_of_evaluation: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"van_gogh": SPLITS}

    styles: StyleSettings
    model: ModelSettings
    training: StyleTrainingSettings
    hardware: MixedHardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class FastStyleInputs(FamilyInputs):
    """Data sets and pretrained networks of the family."""

    coco: PreparedData
    van_gogh: PreparedData
    perceptual: Perceptual
