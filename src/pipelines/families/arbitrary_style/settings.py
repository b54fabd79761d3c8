"""Parameters of arbitrary style transfer. Light: reading them loads no training framework."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.registry.gate.settings import Budgets, GateSettings, Rule
from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilySettings
from pipelines.lifecycle.tuning import FloatRange, MedianPruning, TuningSettings
from pipelines.training.on_torch.settings import HardwareSettings
from pipelines.training.style_transfer import Holding, StyleLosses

Fraction = Annotated[float, Field(ge=0, lt=1)]


class ModelSettings(Settings):
    """The network, see `model.StyleNet`."""

    width: PositiveInt = 16
    """Channels of the decoder at the image's own resolution; twice as many at each level below."""
    blocks: PositiveInt = 1
    """Residual blocks at the coarsest level."""
    finest_skip: Literal[1, 2, 4] = 1
    """Stride of the finest level of features that the decoder takes in, in pixels of the image."""
    embedding: PositiveInt = 128
    """Size of the vector that stands for a style in the decoder's norms."""


class AugmentationSettings(Settings):
    """The random change of each training image, see `atelier.data.prepared.sampling`."""

    least_side: Annotated[float, Field(gt=0, le=1)] = 0.6
    """Side of the smallest square that is cut out, as a fraction of the image's."""
    flip: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Probability of mirroring left to right."""
    swap_colours: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Probability of putting a painting's red, green and blue in another order: more palettes than were painted."""


class TrainingSettings(Settings):
    """One training run, see `training.train`."""

    seed: NonNegativeInt = 0
    """Fixes initial weights, pairs and augmentation."""
    epochs: PositiveInt = 10
    epoch_items: PositiveInt = 400
    """Pairs of a photo and a painting from one checkpoint and validation to the next."""
    batch_size: PositiveInt = 4
    size: Annotated[int, Field(ge=32)] = 160
    """Side of the squares that are learned from, in pixels."""
    learning_rate: PositiveFloat = 0.02
    """Muon's, see `on_torch.muon`, at the top of the schedule: a linear rise, then half a cosine."""
    last_learning_rate: Fraction = 0.02
    """The learning rate at the end, as a fraction of that."""
    warmup: Fraction = 0.02
    """Part of the run spent on the rise."""
    hold: Holding | None = None
    """Where the content distance is held; None: the weights stay as they are."""
    clip_norm: PositiveFloat = 1.0
    """The longest gradient; longer ones are shortened to it."""
    losses: StyleLosses = StyleLosses(style=4.0)
    augmentation: AugmentationSettings = AugmentationSettings()
    val_pairs: PositiveInt = 24
    """Validation photos with validation paintings, always the same."""
    sheet_every: PositiveInt = 2
    """Epochs from one sheet of samples in MLflow to the next; the last epoch has one, too."""


class ArbitraryStyleSettings(FamilySettings):
    """Everything in `conf/*/parameters_arbitrary_style.yml`."""

    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    hardware: HardwareSettings = HardwareSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    gate: GateSettings = GateSettings(
        primary="style",
        rules={
            "style": Rule(direction="lower", tolerance=0.01),
            "content": Rule(direction="lower", tolerance=0.03),
        },
        budgets=Budgets(latency_p95_ms=2000.0, size_mb=20.0, parity=0.05),
    )
    tuning: TuningSettings = TuningSettings(
        metric="val_loss",
        direction="minimize",
        space={"training.learning_rate": FloatRange(low=5e-3, high=0.1, log=True)},
        overrides={},
        startup_trials=10,
        pruning=MedianPruning(startup_trials=5, warmup_epochs=1),
        heartbeat_s=10,
        seed=0,
    )
