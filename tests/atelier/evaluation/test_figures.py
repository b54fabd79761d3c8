import io

import numpy as np
from PIL import Image

from atelier.evaluation.figures import name_rows, png, shorten


def test_shorten():
    assert shorten("snowman", 7) == "snowman"
    assert shorten("snowmen!", 7) == "snowme…"


def test_a_plot_has_the_given_size_and_its_rows_from_the_top():
    limits = []

    def draw(axes):
        axes.barh([0, 1], [1, 2])
        name_rows(axes, ["first", "second"])
        limits.append(axes.get_ylim())

    picture = Image.open(io.BytesIO(png((4.0, 2.0), draw)))
    assert picture.size == (480, 240)
    assert np.asarray(picture.convert("L")).std() > 0
    assert limits[0][0] > limits[0][1]
