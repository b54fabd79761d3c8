"""How a generator is judged: the `evaluation` block of its parameters."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from atelier.settings import Settings


class EvaluationSettings(Settings):
    """What is drawn and measured, see `evaluation.evaluate`."""

    resamples: PositiveInt = 1000
    """Bootstrap resamples behind each interval."""
    seed: NonNegativeInt = 0
    """Of the noise and of the resamples."""
    samples_per_class: Annotated[int, Field(ge=4)] = 200
    """Drawings generated of each class, and the most real ones of each that they are compared with."""
    large_class: PositiveInt = 3000
    """Drawings, of all splits, from which on a class counts for `agreement_large`."""
    copy_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    """Share of real test drawings that is let pass for copies; it sets how near is too near."""
    distance_drawings: Annotated[int, Field(ge=2)] = 3000
    """The most drawings on each side of the Fréchet and the kernel distance; memory grows with the square."""
    score_drawings: Annotated[int, Field(ge=2)] = 5000
    """The most drawings that the classifier of the accuracy score learns from; time grows with the cube."""
    rows: PositiveInt = 30
    """The most classes on a sheet of drawings."""
    columns: Annotated[int, Field(ge=2)] = 8
    """Generated drawings of a class on the sheet of samples."""
