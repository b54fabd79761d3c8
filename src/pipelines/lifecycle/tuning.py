"""The `tuning` block of a family's parameters: what is searched, and how."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, NonNegativeInt, PositiveInt, model_validator

from atelier.settings import Settings, apply

Scalar = bool | int | float | str


class _Range(Settings):
    """From `low` to `high`, both included; drawn evenly, or evenly in the logarithm."""

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low must be below high, got {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range must be above 0, got low = {self.low}")
        return self

    @property
    def extremes(self) -> tuple[Scalar, ...]:
        return (self.low, self.high)


class FloatRange(_Range):
    """Real numbers."""

    kind: Literal["float"] = "float"


class IntRange(_Range):
    """Whole numbers."""

    kind: Literal["int"] = "int"
    low: int
    high: int


class Choice(Settings):
    """One of several values, without an order."""

    kind: Literal["choice"] = "choice"
    options: tuple[Scalar, ...] = Field(min_length=2)

    @property
    def extremes(self) -> tuple[Scalar, ...]:
        return self.options


Dimension = Annotated[FloatRange | IntRange | Choice, Field(discriminator="kind")]


class MedianPruning(Settings):
    """Stop a trial that is worse than the median of the earlier ones at the same epoch (Golovin et al. 2017)."""

    kind: Literal["median"] = "median"
    startup_trials: NonNegativeInt = 5
    """Trials that run to the end before any is stopped."""
    warmup_epochs: NonNegativeInt = 1
    """Epochs in which none is stopped."""


class HalvingPruning(Settings):
    """Asynchronous successive halving (Li et al. 2018, arXiv:1810.05934)."""

    kind: Literal["halving"] = "halving"
    min_epochs: PositiveInt = 1
    reduction: int = Field(default=3, ge=2)
    """At each rung one trial in so many goes on."""


class NoPruning(Settings):
    """Every trial runs to the end."""

    kind: Literal["none"] = "none"


class TuningSettings(Settings):
    """What is searched, and how.

    The sampler is a seeded tree-structured Parzen estimator (Bergstra et al. 2011).
    """

    metric: str
    """Which of the metrics that training logs once an epoch; a trial's value is that of its last epoch."""
    direction: Literal["maximize", "minimize"] = "maximize"
    space: dict[str, Dimension] = Field(min_length=1)
    """Dotted path → where to look."""
    overrides: dict[str, Scalar] = Field(default_factory=dict)
    """Dotted path → value during tuning only, such as fewer epochs."""
    startup_trials: NonNegativeInt = 10
    """Trials drawn at random before the sampler learns from them."""
    pruning: Annotated[MedianPruning | HalvingPruning | NoPruning, Field(discriminator="kind")] = MedianPruning()
    heartbeat_s: PositiveInt = 10
    """Seconds between a worker's signs of life; after three missed ones its trial is taken up by another."""
    seed: int = 0

    @model_validator(mode="after")
    def _apart(self) -> Self:
        both = sorted(set(self.space) & set(self.overrides))
        if both:
            raise ValueError(f"{', '.join(both)} cannot be both in tuning.space and in tuning.overrides")
        return self


def check_space(settings: BaseModel, tuning: TuningSettings) -> None:
    """Try every end and every option of the search space on the settings, so that no trial starts in vain.

    Raises
    ------
    BadInputError
        As `apply`.
    """
    base = apply(settings, tuning.overrides)
    for path, dimension in tuning.space.items():
        for value in dimension.extremes:
            apply(base, {path: value})
