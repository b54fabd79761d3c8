"""The parameters of the experiment, `conf/*/parameters_augment.yml`."""

from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from atelier.settings import Settings
from pipelines.lifecycle.tuning import Scalar

SEED = "training.seed"
"""Where every family keeps the seed of its training."""


class AugmentSettings(Settings):
    """Which trainings are compared, and which generated drawings they get."""

    classifier: str
    """Family that is trained with and without generated drawings; its champion says which of them are good enough."""
    generator: str
    """Family whose champion draws."""
    sizes: tuple[PositiveInt | None, ...] = Field(min_length=1)
    """Real training drawings a class, the first so many of the split; null: all there are."""
    seeds: tuple[NonNegativeInt, ...] = Field(min_length=1)
    """Of the trainings: each size is trained with and without generated drawings once a seed."""
    generated: PositiveInt
    """Generated drawings that are added to each class, at most."""
    attempts: PositiveInt = 2
    """So many are drawn for each that is wanted; a class of which too few are good enough gets fewer."""
    confidence: Annotated[float, Field(ge=0, le=1)]
    """A generated drawing is kept when the champion names its label with at least this probability."""
    overrides: dict[str, Scalar] = Field(default_factory=dict)
    """Dotted path → value of the classifier's parameters in this experiment.

    They should give each training the same number of steps: else more drawings also mean more training.
    """
    resamples: PositiveInt = 2000
    """Bootstrap resamples behind each interval."""
    seed: NonNegativeInt = 0
    """Of the generator's noise and of the bootstrap."""
    workers: PositiveInt = 1
    """Processes that train at the same time, each with its share of the cores."""
    challenge: bool = False
    """Where generated drawings help at all real ones: train the classifier with them and its own parameters, without
    the overrides, and register it for the gate."""

    @model_validator(mode="after")
    def _different(self) -> Self:
        for name in ("sizes", "seeds"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} must differ from each other, got {list(getattr(self, name))}")
        return self
