import math

import pytest

from pipelines.training.style_transfer import MAX_FACTOR, MIN_FACTOR, ContentConstraint

CONSTRAINT = ContentConstraint(distance=0.6, start_epoch=0, rate=0.1)


def test_the_factor_grows_above_the_target_distance_and_shrinks_below_it() -> None:
    assert CONSTRAINT.update(1.0, 0.8) == pytest.approx(math.exp(0.02))
    assert CONSTRAINT.update(1.0, 0.6) == 1.0
    assert CONSTRAINT.update(1.0, 0.4) == pytest.approx(math.exp(-0.02))


def test_the_factor_is_bounded_when_the_target_cannot_be_reached() -> None:
    factor = 1.0
    for _ in range(1000):
        factor = CONSTRAINT.update(factor, 1.0)
    assert factor == MAX_FACTOR
    for _ in range(2000):
        factor = CONSTRAINT.update(factor, 0.0)
    assert factor == MIN_FACTOR


@pytest.mark.parametrize("content", [math.nan, math.inf])
def test_a_distance_that_is_not_finite_changes_nothing(content: float) -> None:
    assert CONSTRAINT.update(1.5, content) == 1.5
