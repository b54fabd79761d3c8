"""The `evaluation` block in the parameters of a style transfer family."""

from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from atelier.evaluation.stylization.artifacts import TILE
from atelier.settings import Settings


class EvaluationSettings(Settings):
    """Which photos are stylized with which paintings, and what is measured; see `evaluate.evaluate_stylization`."""

    resamples: PositiveInt
    """Number of bootstrap resamples behind each interval."""
    seed: NonNegativeInt
    """Seed of the resamples."""
    size: Annotated[int, Field(ge=TILE)]
    """Side in pixels at which photos and paintings are compared. Smaller images are enlarged. For enlarged images, and
    below 128 pixels, `checkerboard` is above 1 even without a checkerboard."""
    photos: PositiveInt
    """Largest number of test photos; each is stylized in every style."""
    paintings: PositiveInt
    """Largest number of styles."""
    slow_style: PositiveFloat | None
    """Mean style distance that the optimization of Gatys et al. reaches on such pairs, at this size and in the same
    perceptual network (`benchmarks/quality/gatys.py` measures it). None leaves out the metric `gap_closed`."""
    strengths: Annotated[tuple[float, ...], Field(min_length=2)]
    """Rising strengths from 0 to 1, at which `strength_monotonicity` compares the distances."""
    strength_pairs: PositiveInt
    """Number of pairs that are stylized at all strengths."""
    shifted_pairs: PositiveInt
    """Number of pairs that are stylized twice, the second time with the photo shifted by one pixel."""
    sheet_photos: PositiveInt
    """Columns of the grid of photos and styles."""
    sheet_paintings: PositiveInt
    """Rows of the grid of photos and styles."""
    cost_sizes: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    """Sides in pixels at which time and memory of one image are measured."""
    cost_calls: PositiveInt
    """Number of timed calls at each of these sizes."""

    @model_validator(mode="after")
    def _strengths_rise(self) -> Self:
        rising = tuple(sorted(set(self.strengths)))
        if self.strengths != rising or rising[0] < 0 or rising[-1] > 1:
            raise ValueError(f"strengths must rise from 0 to 1, these are {self.strengths}")
        return self
