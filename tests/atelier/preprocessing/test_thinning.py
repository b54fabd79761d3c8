import numpy as np
import pytest
from scipy import ndimage

from atelier.preprocessing.thinning import thin


@pytest.mark.parametrize("width", [1, 2, 5, 12])
def test_a_line_becomes_one_pixel_wide_and_stays_in_the_middle(width: int) -> None:
    mask = np.zeros((40, 80), bool)
    mask[14 : 14 + width, 10:70] = True
    middles = thin(mask)
    assert (middles[:, 20:60].sum(axis=0) == 1).all()
    rows = np.argwhere(middles[:, 20:60])[:, 0]
    assert np.abs(rows - (14 + (width - 1) / 2)).max() <= 1


def test_parts_and_holes_are_kept() -> None:
    y, x = np.mgrid[:60, :60]
    distance = np.hypot(y - 30, x - 30)
    ring = (distance < 25) & (distance > 16)
    ring[2:5, 2:5] = True  # another part
    middles = thin(ring)
    assert ndimage.label(middles, np.ones((3, 3)))[1] == 2
    assert ndimage.label(~middles)[1] == 2  # outside and inside
    assert middles.sum() < ring.sum() / 5


def test_nothing_stays_nothing() -> None:
    assert not thin(np.zeros((5, 5), bool)).any()
