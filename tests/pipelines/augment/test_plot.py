import io

import numpy as np
import pytest
from PIL import Image

from pipelines.augment.plot import comparison_plot
from tests.pipelines.augment.conftest import comparison

FOUND = [comparison(50), comparison(500, gain=(0.01, -0.01, 0.02)), comparison(None)]


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_the_same_numbers_give_the_same_picture_in_any_order():
    picture = comparison_plot(FOUND, "top1")
    assert picture == comparison_plot(FOUND[::-1], "top1")
    assert pixels(picture).std() > 5


@pytest.mark.parametrize(
    "changed", [{"gain": (0.02, -0.05, 0.09)}, {"seeds_with": (0.72, 0.80)}, {"seeds_without": (0.5, 0.6)}]
)
def test_intervals_and_single_seeds_are_seen(changed):
    assert comparison_plot(FOUND, "top1") != comparison_plot([comparison(50, **changed), *FOUND[1:]], "top1")


def test_one_size_is_a_picture_too():
    assert pixels(comparison_plot([comparison(20)], "top1")).std() > 5
