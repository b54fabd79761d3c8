"""Parameters of fast style transfer. This module imports no training framework."""

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
    """The paintings whose styles the network learns, see `styles.select_styles`."""

    count: PositiveInt
    """Number of paintings: the first ones of the training split, which is in random order."""
    paintings: dict[str, Painting]
    """Style name → first hexadecimal digits of the id of a painting in any split, or path of an image file. If not
    empty, `count` is ignored."""
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
