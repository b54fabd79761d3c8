"""How networks that stylise are judged: the `evaluation` block of their parameters."""

from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from atelier.evaluation.stylization.artifacts import TILE
from atelier.settings import Settings


class EvaluationSettings(Settings):
    """Which photos are painted in which styles, and what is measured of it; see `stylisation.evaluate_stylisation`."""

    resamples: PositiveInt = 1000
    """Bootstrap resamples behind each interval."""
    seed: NonNegativeInt = 0
    """Of the resamples."""
    size: Annotated[int, Field(ge=TILE)] = 192
    """Pixels a side at which photos and paintings are compared. Smaller data is enlarged. Where it is, and below 128,
    `grid` is above 1 even without a grid."""
    photos: PositiveInt = 8
    """The most test photos; each is painted in every style."""
    paintings: PositiveInt = 16
    """The most styles."""
    slow_style: PositiveFloat | None = None
    """Mean style distance that Gatys' slow optimisation reaches on such pairs, at this size and in the same perceptual
    network (`benchmarks/gatys.py` measures it); None: the metric `reached` is left out."""
    strengths: Annotated[tuple[float, ...], Field(min_length=2)] = (0.0, 0.25, 0.5, 0.75, 1.0)
    """At which it is looked whether more strength means more style, rising from 0 to 1."""
    strength_pairs: PositiveInt = 4
    """Pairs that are painted at all of these."""
    shifted_pairs: PositiveInt = 8
    """Pairs that are painted twice, the photo shifted by a pixel."""
    sheet_photos: PositiveInt = 6
    """Columns of the sheet of photos and styles."""
    sheet_paintings: PositiveInt = 10
    """Its rows."""
    cost_sizes: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = (256, 512)
    """Pixels a side at which it is measured what a picture costs."""
    cost_calls: PositiveInt = 5
    """Pictures that are timed at each of these."""

    @model_validator(mode="after")
    def _strengths_rise(self) -> Self:
        rising = tuple(sorted(set(self.strengths)))
        if self.strengths != rising or rising[0] < 0 or rising[-1] > 1:
            raise ValueError(f"strengths must rise from 0 to 1, these are {self.strengths}")
        return self
