from contextlib import suppress

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from atelier.errors import BadInputError
from atelier.preprocessing.drawing_photo import drawing_from_image
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.spec import DrawingInput
from benchmarks.quality.drawing_renderings import RENDERINGS, bitmap, bordered, canvas

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


COARSE = {
    "reduced to 28 x 28",
    "reduced to 56 x 56",
    "pen 10 %",
    "photo, paper on a dark desk",
    "photo, paper on a light desk",
}
"""Renderings in which details of the drawing are lost, or the drawing is turned."""


def similarity(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize("name", RENDERINGS)
def test_images_as_people_make_them_become_similar_to_the_bitmap(name: str) -> None:
    found = drawing_from_image(RENDERINGS[name](HOUSE), BITMAPS)
    assert similarity(found, rasterize([HOUSE])[0]) > (0.5 if name in COARSE else 0.8)


SQUARE = [np.array([[0, 250, 255, 4, 0], [3, 0, 255, 250, 3]], float)]
CROSS = [np.array([[0, 255], [128, 128]], float), np.array([[128, 128], [0, 255]], float)]


@pytest.mark.parametrize("drawing", [SQUARE, CROSS])
@pytest.mark.parametrize("extent", [0.6, 0.9, 0.99])
def test_a_drawing_of_long_lines_is_not_taken_for_a_frame_or_rules(
    drawing: list[NDArray[np.float64]], extent: float
) -> None:
    found = drawing_from_image(canvas(drawing, extent=extent), BITMAPS)
    assert similarity(found, rasterize([drawing])[0]) > 0.7


def test_a_border_around_an_empty_canvas_is_a_drawing_of_a_square() -> None:
    empty = bordered([np.array([[0, 0], [0, 0]], float)], 3)
    empty[50:-50, 50:-50] = 255
    found = drawing_from_image(empty, BITMAPS)
    assert found[2].mean() > 100


@pytest.mark.parametrize("factor", [2, 4, 10])
def test_an_enlarged_bitmap_is_reduced_to_itself(factor: int) -> None:
    assert np.array_equal(drawing_from_image(bitmap(HOUSE, factor), BITMAPS), bitmap(HOUSE, 1))


@pytest.mark.parametrize("pen", [0.02, 0.05])
def test_a_filled_area_stays_filled(pen: float) -> None:
    image = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(image).ellipse((120, 120, 180, 180), fill=0)
    ImageDraw.Draw(image).line((150, 150, 320, 320), fill=0, width=round(400 * pen))
    found = drawing_from_image(np.asarray(image), BITMAPS)
    assert (found[3:5, 3:5] == 255).all()


def test_a_photo_of_anything_is_refused_with_what_to_do() -> None:
    rng = np.random.default_rng(1)
    texture = Image.fromarray(rng.integers(0, 256, (60, 80), np.uint8)).resize((640, 480), Image.Resampling.BICUBIC)
    with pytest.raises(BadInputError, match="too much in the image"):
        drawing_from_image(np.asarray(texture), BITMAPS)
