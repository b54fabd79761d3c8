from contextlib import suppress

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from atelier.errors import BadInputError
from atelier.preprocessing.drawing_photo import drawing_from_image
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.spec import DrawingInput

BITMAPS = DrawingInput()
HOUSE = [
    np.array([[40, 40, 215, 215], [110, 255, 255, 110]], float),
    np.array([[0, 128, 255], [120, 0, 120]], float),
    np.array([[105, 105, 150, 150], [255, 170, 170, 255]], float),
]


def image_of(side: int, width: int, paper: int = 235, ink: int = 20) -> NDArray[np.uint8]:
    """The house drawn by Pillow, off centre on a larger sheet."""
    image = Image.new("L", (side * 2, int(side * 1.5)), paper)
    pen = ImageDraw.Draw(image)
    for stroke in HOUSE:
        pen.line([(x / 255 * side + 20, y / 255 * side + side / 4) for x, y in stroke.T], ink, width, joint="curve")
    return np.asarray(image)


@pytest.mark.parametrize("side", [90, 400, 1500])
@pytest.mark.parametrize(("paper", "ink"), [(235, 20), (10, 240), (120, 60)])
@pytest.mark.parametrize("thickness", [0.01, 0.04, 0.1])
def test_any_image_of_a_drawing_becomes_similar_to_its_bitmap(
    side: int, paper: int, ink: int, thickness: float
) -> None:
    found = drawing_from_image(image_of(side, max(1, round(side * thickness)), paper, ink), BITMAPS)
    expected = rasterize([HOUSE])[0]
    assert found.shape == (28, 28)
    assert found.dtype == np.uint8
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.8


def test_the_ink_is_centred_with_the_published_border() -> None:
    found = drawing_from_image(image_of(400, 10), BITMAPS)
    rows, columns = np.flatnonzero(found.max(axis=1) > 60), np.flatnonzero(found.max(axis=0) > 60)
    assert abs(rows[0] - (27 - rows[-1])) <= 1
    assert abs(columns[0] - (27 - columns[-1])) <= 1
    assert columns[0] in (1, 2)


def test_a_published_bitmap_stays_unchanged() -> None:
    bitmap = rasterize([HOUSE])[0]
    assert np.array_equal(drawing_from_image(bitmap, BITMAPS), bitmap)
    assert np.array_equal(drawing_from_image(255 - bitmap, BITMAPS), bitmap)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (300, 300)])
def test_an_image_of_one_colour_has_no_drawing(shape: tuple[int, int]) -> None:
    with pytest.raises(BadInputError, match="No drawing"):
        drawing_from_image(np.full(shape, 250, np.uint8), BITMAPS)


@pytest.mark.parametrize("shape", [(1, 50), (2, 2), (5, 3000), (3000, 5), (29, 28)])
def test_odd_shapes_give_a_bitmap_or_a_message(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    with suppress(BadInputError):
        assert drawing_from_image(noise, BITMAPS).shape == (28, 28)


def test_dust_at_the_edge_does_not_shrink_the_drawing() -> None:
    clean = image_of(400, 10)
    dusty = clean.copy()
    dusty[4:7, -8:-5] = 20
    found = [drawing_from_image(image, BITMAPS).astype(float) for image in (clean, dusty)]
    assert np.abs(found[0] - found[1]).mean() < 4
