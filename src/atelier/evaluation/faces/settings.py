"""The `evaluation` block in the parameters of a family that edits faces."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, field_validator

from atelier.settings import Settings


class FaceEvaluationSettings(Settings):
    """Which faces are edited, and what is measured; see `evaluate.evaluate_faces`."""

    resamples: PositiveInt
    """Number of bootstrap resamples behind each interval."""
    seed: NonNegativeInt
    """Seed of resamples and samples."""
    faces: Annotated[int, Field(ge=4)]
    """Largest number of test faces."""
    requests: tuple[float, ...]
    """Changes that are asked for, in standard deviations of the attribute."""
    adult_age: NonNegativeFloat
    """Years from which on a face counts as that of an adult."""
    judge_ridge: PositiveFloat
    """Penalty of the regression behind the judges of attributes for which there is no network."""
    components: PositiveInt
    """Largest number of eigenfaces in the baseline."""
    baseline_ridge: NonNegativeFloat
    """Penalty of the regression of the baseline's directions, relative to the variance of an attribute."""
    training_faces: Annotated[int, Field(ge=8)]
    """Largest number of training faces from which the baseline and the judges learn."""
    sheet_faces: PositiveInt
    """Number of faces in the sheets."""

    @field_validator("requests")
    @classmethod
    def _change_something(cls, requests: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(requests)) < 2 or 0 in requests:
            raise ValueError("name at least two different changes, none of them 0: 0 is always measured")
        return requests
