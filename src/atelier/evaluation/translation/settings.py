"""The `evaluation` block in the parameters of a translation family."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from atelier.evaluation.stylization.artifacts import TILE
from atelier.settings import Settings


class EvaluationSettings(Settings):
    """Which photos are translated, and what is measured; see `evaluate.evaluate_translation`."""

    resamples: PositiveInt
    """Number of bootstrap resamples behind each interval."""
    seed: NonNegativeInt
    """Seed of resamples and noise."""
    size: Annotated[int, Field(ge=TILE)]
    """Side in pixels at which photos and paintings are compared."""
    photos: Annotated[int, Field(ge=2)]
    """Largest number of test photos."""
    paintings: Annotated[int, Field(ge=4)]
    """Largest number of test paintings. The kernel distance between two halves of them is a reference."""
    noise: PositiveFloat
    """Standard deviation in gray levels of the noise of `hidden_signal`."""
    sheet_photos: PositiveInt
    """Number of photos in the sheet."""
