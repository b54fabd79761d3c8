"""Parameters of fast style transfer. Light: reading them loads no training framework."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveInt

from atelier.data.content_hash import digest_of
from atelier.data.prepared.dataset import SPLITS, PreparedData, SplitName
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.training.on_tensorflow.settings import MixedHardwareSettings
from pipelines.training.style_transfer import StyleTrainingSettings

_HEX_PREFIX = r"^[0-9a-f]{4,16}$"
_MAX_BYTES = 64 << 20

HexPrefix = Annotated[str, Field(pattern=_HEX_PREFIX)]


class PaintingFile(Settings):
    """An image file whose style the network learns."""

    path: str
    """Relative to the project's folder, or absolute."""
    content: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    """BLAKE2b of the file, 128 bits, in hexadecimal, as the identity of an item of prepared data."""

    @classmethod
    def read(cls, path: str) -> Self:
        """Hash a file. As a part of the settings, the hash makes a changed file another model and another evaluation.

        Raises
        ------
        ValueError
            When there is no such file, or it is too large for an image.
        """
        file = Path(path).expanduser()
        if not file.is_file():
            raise ValueError(
                f"{path!r} is neither the beginning of a painting's id (4 to 16 hexadecimal digits) nor an image file"
            )
        if file.stat().st_size > _MAX_BYTES:
            raise ValueError(f"{path} has more than {_MAX_BYTES >> 20} MiB")
        return cls(path=path, content=digest_of(file.read_bytes()).hex())


def _hash_file(value: Any) -> Any:
    """The name of a file → `PaintingFile`; the beginning of an id, and settings that were read before, stay."""
    is_file = isinstance(value, str) and not re.fullmatch(_HEX_PREFIX, value)
    return PaintingFile.read(value) if is_file else value


Painting = Annotated[HexPrefix | PaintingFile, BeforeValidator(_hash_file)]


class StyleSettings(Settings):
    """The paintings whose styles the network learns, see `styles.choose`."""

    count: PositiveInt
    """The first so many paintings of the training split, which are in random order."""
    paintings: dict[str, Painting]
    """Style name → first hexadecimal digits of a painting's id, of any split, or path of an image file; if not empty,
    they replace `count`."""
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
