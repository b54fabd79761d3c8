"""The `tuning` block of a family's parameters: the search space, and how it is searched."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, NonNegativeInt, PositiveInt, model_validator

from atelier.settings import Settings, apply

Scalar = bool | int | float | str


class _Range(Settings):
    """From `low` to `high`, both included. The value, or with `log` its logarithm, is distributed uniformly."""

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
        """Both ends."""
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
    """One of several values that have no order."""

    kind: Literal["choice"] = "choice"
    options: tuple[Scalar, ...] = Field(min_length=2)

    @property
    def extremes(self) -> tuple[Scalar, ...]:
        """All options."""
        return self.options


Dimension = Annotated[FloatRange | IntRange | Choice, Field(discriminator="kind")]


class MedianPruning(Settings):
    """Stop a trial that is worse than the median of the earlier trials at the same epoch (Golovin et al. 2017)."""

    kind: Literal["median"] = "median"
    startup_trials: NonNegativeInt
    """Number of trials that must finish before one may be stopped."""
    warmup_epochs: NonNegativeInt
    """Number of epochs at the start of a trial in which it cannot be stopped."""


class HalvingPruning(Settings):
    """Asynchronous successive halving (Li et al. 2018, arXiv:1810.05934)."""

    kind: Literal["halving"] = "halving"
    min_epochs: PositiveInt
    """Number of epochs of a trial before the first decision."""
    reduction: int = Field(ge=2)
    """At each decision one trial in `reduction` continues."""


class NoPruning(Settings):
    """No trial is stopped."""

    kind: Literal["none"] = "none"


class TuningSettings(Settings):
    """The search space, and how it is searched.

    The sampler is a seeded tree-structured Parzen estimator (Bergstra et al. 2011).
    """

    metric: str
    """One of the metrics that training logs after each epoch. The value of a trial is that of its last epoch."""
    direction: Literal["maximize", "minimize"]
    space: dict[str, Dimension] = Field(min_length=1)
    """Dotted path → values to try."""
    overrides: dict[str, Scalar]
    """Dotted path → value that is used in trials only, such as fewer epochs."""
    startup_trials: NonNegativeInt
    """Number of random trials before the sampler uses the results."""
    pruning: Annotated[MedianPruning | HalvingPruning | NoPruning, Field(discriminator="kind")]
    heartbeat_s: PositiveInt
    """Seconds between the heartbeats of a worker. After three missed heartbeats another worker repeats its trial."""
    seed: int
    """Seed of the sampler."""

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        both = sorted(set(self.space) & set(self.overrides))
        if both:
            raise ValueError(f"{', '.join(both)} cannot be both in tuning.space and in tuning.overrides")
        return self


def check_space(settings: BaseModel, tuning: TuningSettings) -> None:
    """Validate the settings at both ends of each range and for each option, so that no trial fails later.

    Raises
    ------
    BadInputError
        When a value or a path is not valid, see `apply`.
    """
    base = apply(settings, tuning.overrides)
    for path, dimension in tuning.space.items():
        for value in dimension.extremes:
            apply(base, {path: value})
