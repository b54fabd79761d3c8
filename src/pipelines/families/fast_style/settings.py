"""Parameters of fast style transfer. Light: reading them loads no training framework."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.registry.gate.settings import Budgets, GateSettings, Rule
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilySettings
from pipelines.lifecycle.tuning import FloatRange, MedianPruning, TuningSettings
from pipelines.training.on_tensorflow.settings import MixedHardwareSettings
from pipelines.training.style_transfer import Holding, StyleLosses

HexPrefix = Annotated[str, Field(pattern=r"^[0-9a-f]{4,16}$")]


class StyleSettings(Settings):
    """The paintings whose styles the network learns, see `styles.choose`."""

    count: PositiveInt = 8
    """The first so many paintings of the training split, which are a fair choice."""
    paintings: dict[str, HexPrefix] = Field(default_factory=dict)
    """Style name → first hexadecimal digits of a painting's id, of any split; when given, these instead of `count`."""
    size: Annotated[int, Field(ge=32)] = 192
    """Pixels of a painting's side when its style is taken: the smaller, the larger its strokes in a picture."""


class ModelSettings(Settings):
    """The network, see `model.build_network`."""

    width: PositiveInt = 16
    """Channels at full size; twice and four times as many at a half and a quarter of it."""
    blocks: NonNegativeInt = 5
    """Residual blocks at a quarter of the size."""
    outer_kernel: Literal[3, 5, 7, 9] = 9
    """Side of the first and of the last kernel."""
    finest_skip: Literal[1, 2] | None = 1
    """Where the way up also sees what the way down saw: at full size, or only at half of it; None: nowhere, as
    published. Where it has to make up the finest details, the network leaves a checkerboard; where it has them, it
    takes longer to paint rather than colour a photo."""
    enlarge: Literal["bilinear", "nearest"] = "bilinear"
    """How pictures are enlarged: `nearest`, as published, leaves a checkerboard for longer."""
    sees_features: bool = False
    """Whether it also reads what the perceptual network sees in the photo, see `seeing`: it learns in fewer steps, and
    a picture takes longer."""


class TrainingSettings(Settings):
    """One training run, see `training.train`."""

    seed: NonNegativeInt = 0
    """Fixes initial weights, order, crops and styles."""
    epochs: PositiveInt = 25
    steps: PositiveInt = 200
    """Steps of an epoch, from one checkpoint to the next."""
    batch_size: PositiveInt = 4
    size: Annotated[int, Field(ge=32)] = 192
    """Pixels of a training photo's side."""
    least_crop: Annotated[float, Field(gt=0, le=1)] = 0.55
    """A training photo is a square of at least this share of its side."""
    learning_rate: PositiveFloat = 0.03
    """Muon's, see `on_tensorflow.muon`."""
    warmup_steps: PositiveInt = 50
    last_rate: Annotated[float, Field(ge=0, le=1)] = 0.02
    """Share of the learning rate that a cosine leaves at the end."""
    losses: StyleLosses = StyleLosses()
    hold: Holding | None = None
    """Where the content distance is held; None: the weights stay as they are."""
    clip_norm: PositiveFloat = 1.0
    """Longest gradient, over all weights together."""
    val_photos: PositiveInt = 6
    """Validation photos, each painted in every style, after each epoch."""
    sheet_every: PositiveInt = 5
    """Epochs from one sheet of validation photos in MLflow to the next."""


class FastStyleSettings(FamilySettings):
    """Everything in `conf/*/parameters_fast_style.yml`."""

    tested: ClassVar[frozenset[str]] = frozenset({"evaluation", "styles"})

    styles: StyleSettings = StyleSettings()
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    hardware: MixedHardwareSettings = MixedHardwareSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    gate: GateSettings = GateSettings(
        primary="style",
        rules={"style": Rule(direction="lower"), "content": Rule(direction="lower", tolerance=0.03)},
        budgets=Budgets(latency_p95_ms=2000.0, size_mb=4.0, parity=0.5),
    )
    tuning: TuningSettings = TuningSettings(
        metric="val_distance",
        direction="minimize",
        space={"training.learning_rate": FloatRange(low=5e-3, high=0.1, log=True)},
        overrides={},
        startup_trials=10,
        pruning=MedianPruning(startup_trials=5, warmup_epochs=1),
        heartbeat_s=10,
        seed=0,
    )
