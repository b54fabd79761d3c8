"""Parameters of the evaluation of generated drawings."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from atelier.settings import Settings


class EvaluationSettings(Settings):
    """What is generated and measured."""

    resamples: PositiveInt
    """Number of bootstrap resamples for each confidence interval."""
    seed: NonNegativeInt
    """Seed of the noise and of the bootstrap."""
    samples_per_class: Annotated[int, Field(ge=4)]
    """Number of generated drawings of each class, and largest number of real drawings of each class."""
    large_class: PositiveInt
    """Smallest number of drawings, in all splits together, of a class that counts for `label_accuracy_large`."""
    copy_share: Annotated[float, Field(gt=0, lt=0.5)]
    """Fraction of real test drawings that count as copies. It determines the distance below which a drawing is a
    copy."""
    distance_drawings: Annotated[int, Field(ge=2)]
    """Largest number of drawings in each set for Fréchet and kernel distance. Memory grows with its square."""
    score_drawings: Annotated[int, Field(ge=2)]
    """Largest number of training drawings of the classifier for the accuracy score. Time grows with its cube."""
    rows: PositiveInt
    """Largest number of classes on a sheet of drawings."""
    columns: Annotated[int, Field(ge=2)]
    """Number of generated drawings of each class on the sheet of samples."""
