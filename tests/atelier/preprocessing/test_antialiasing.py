import numpy as np
import pytest

from atelier.preprocessing.antialiasing import SLOPES, STEPS, coverage


@pytest.mark.parametrize("radius", [0.74, 1.5, 3.0])
@pytest.mark.parametrize("slope", [0, 5, SLOPES])
def test_table_is_the_share_of_the_pixel_within_the_line(radius, slope):
    table, reach = coverage(radius)
    side = (np.arange(200) + 0.5) / 200 - 0.5
    angle = np.arctan(slope / SLOPES)
    across = side[:, None] * np.cos(angle) + side * np.sin(angle)
    for entry in range(0, int(reach * STEPS), 9):
        share = (np.abs(across - entry / STEPS) <= radius).mean()
        assert table[slope, entry] == pytest.approx(255 * share, abs=2)
    assert not table[:, -1].any()
