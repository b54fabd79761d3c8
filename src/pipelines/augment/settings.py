"""The parameters of the experiment: `conf/*/parameters_augment.yml`."""

from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from atelier.settings import Settings
from pipelines.lifecycle.tuning import Scalar

SEED = "training.seed"
"""Path of the training's seed in the settings of every family."""


class AugmentSettings(Settings):
    """Which trainings are compared, and which generated drawings are added."""

    classifier: str
    """Family that is trained with and without generated drawings; its champion decides which are good enough."""
    generator: str
    """Family whose champion makes the drawings."""
    sizes: tuple[PositiveInt | None, ...] = Field(min_length=1)
    """Numbers of real training drawings a class, the first ones of the split; null: all."""
    seeds: tuple[NonNegativeInt, ...] = Field(min_length=1)
    """Seeds of the trainings: for each size and seed, one with and one without generated drawings."""
    generated: PositiveInt
    """Largest number of generated drawings that are added to each class."""
    attempts: PositiveInt
    """How many drawings are generated for each one that is wanted. A class with too few good ones gets fewer."""
    confidence: Annotated[float, Field(ge=0, le=1)]
    """A generated drawing is kept when the champion names its label with at least this probability."""
    overrides: dict[str, Scalar]
    """Dotted path → value of the classifier's parameters in this experiment.

    They should give all trainings the same number of steps; otherwise more drawings also mean longer training.
    """
    resamples: PositiveInt
    """Number of bootstrap resamples for each interval."""
    seed: NonNegativeInt
    """Seed of the generator's noise and of the bootstrap."""
    workers: PositiveInt
    """Number of processes that train at the same time, each with its share of the cores."""
    register_challenger: bool
    """Where generated drawings help in addition to all real ones: train the classifier with them and its own
    parameters, without the overrides, and register it for the gate."""

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for name in ("sizes", "seeds"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} must all be different, got {list(getattr(self, name))}")
        return self
