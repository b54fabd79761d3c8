"""Parameters of fast style transfer. Light: reading them loads no training framework."""

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
    """The paintings whose styles the network learns, see `styles.choose`."""

    count: PositiveInt
    """The first so many paintings of the training split, which are in random order."""
    paintings: dict[str, HexPrefix]
    """Style name → first hexadecimal digits of a painting's id, of any split; if not empty, they replace `count`."""
    size: Annotated[int, Field(ge=32)]
    """Side of a painting in pixels when its style is taken: the smaller, the larger the strokes in a photo."""


class ModelSettings(Settings):
    """The network, see `model.build_network`."""

    width: PositiveInt
    """Channels at full size; twice and four times as many at a half and a quarter of it."""
    blocks: NonNegativeInt
    """Residual blocks at a quarter of the size."""
    outer_kernel: Literal[3, 5, 7, 9]
    """Side of the first and of the last kernel."""
    finest_skip: Literal[1, 2] | None
    """Finest skip connection from encoder to decoder: at full size, at half of it, or None as published. Without the
    finest details of the photo the network leaves a checkerboard; with them, it takes longer to learn strokes."""
    enlarge: Literal["bilinear", "nearest"]
    """How features are enlarged: `nearest`, as published, leaves a checkerboard for longer."""
    perceptual_features: bool
    """Whether the network also reads the perceptual network's features of the photo, see `perceptual_features`: it
    learns in fewer steps, and an image takes longer."""


class FastStyleSettings(FamilySettings):
    """Everything in `conf/*/parameters_fast_style.yml`."""

    evaluation_blocks: ClassVar[frozenset[str]] = frozenset({"evaluation", "styles"})
    no_effect_on_training: ClassVar[Mapping[str, set[str]]] = {"training": {"sheet_every", "val_items"}}

    # The styles may be paintings of any split.
    splits_of_model: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"van_gogh": SPLITS}
    splits_of_evaluation: ClassVar[Mapping[str, tuple[SplitName, ...]]] = {"van_gogh": SPLITS}

    styles: StyleSettings
    model: ModelSettings
    training: StyleTrainingSettings
    hardware: MixedHardwareSettings
    evaluation: EvaluationSettings


@dataclass(frozen=True)
class FastStyleInputs(FamilyInputs):
    """What the family learns from."""

    coco: PreparedData
    van_gogh: PreparedData
    perceptual: Perceptual
