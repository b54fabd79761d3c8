import math

import pytest

from pipelines.training.style_transfer import LEAST, MOST, Holding

HELD = Holding(content=0.6, rate=0.1)


def test_the_weight_grows_while_the_content_is_too_far_and_shrinks_while_it_is_nearer_than_asked() -> None:
    assert HELD.follow(1.0, 0.8) == pytest.approx(math.exp(0.02))
    assert HELD.follow(1.0, 0.6) == 1.0
    assert HELD.follow(1.0, 0.4) == pytest.approx(math.exp(-0.02))


def test_what_cannot_be_reached_does_not_drown_the_other_losses() -> None:
    factor = 1.0
    for _ in range(1000):
        factor = HELD.follow(factor, 1.0)
    assert factor == MOST
    for _ in range(2000):
        factor = HELD.follow(factor, 0.0)
    assert factor == LEAST


@pytest.mark.parametrize("content", [math.nan, math.inf])
def test_a_distance_that_is_no_number_changes_nothing(content: float) -> None:
    assert HELD.follow(1.5, content) == 1.5
