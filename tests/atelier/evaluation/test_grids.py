import io

import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.evaluation.grids import GAP, LINE, _Text, image_grid, side_by_side


def opened(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def black(height=28, width=28):
    return np.zeros((height, width), np.uint8)


def test_size_follows_from_columns_cells_and_captions():
    plain = opened(image_grid([black()] * 7, columns=3, cell=56))
    assert plain.shape == (GAP + 3 * (56 + GAP), GAP + 3 * (56 + GAP), 3)
    captioned = opened(image_grid([black()] * 7, [("one", "two")] * 7, columns=3, cell=56))
    assert captioned.shape[0] == plain.shape[0] + 3 * (2 * LINE + 4)


def test_images_are_placed_row_by_row_and_keep_their_pixels():
    checker = (np.indices((4, 4)).sum(0) % 2 * 255).astype(np.uint8)
    sheet = opened(image_grid([black(4, 4), np.full((4, 4), 255, np.uint8), checker], columns=2, cell=40))
    assert (sheet[GAP : GAP + 40, GAP : GAP + 40] == 0).all()
    assert (sheet[GAP : GAP + 40, 2 * GAP + 40 : 2 * GAP + 80] == 255).all()
    third = sheet[2 * GAP + 40 : 2 * GAP + 80, GAP : GAP + 40, 0]
    np.testing.assert_array_equal(third[5::10, 5::10], checker)


def test_color_and_aspect_ratio():
    red = np.zeros((100, 400, 3), np.uint8)
    red[..., 0] = 200
    sheet = opened(image_grid([red], cell=80))
    assert (sheet[GAP + 40, GAP : GAP + 80] == (200, 0, 0)).all()
    assert (sheet == (200, 0, 0)).all(axis=2).sum() == 80 * 20


@pytest.mark.parametrize("words", ["is cat", "said The Great Wall of China 98 %", "W" * 500, "two\nlines\there", ""])
def test_captions_stay_within_their_cell(words):
    pair = [black(), black()]
    for column in (0, 1):
        captions = [(words,), ()] if column == 0 else [(), (words,)]
        sheet = opened(image_grid(pair, captions, columns=2, cell=64))
        below = sheet[GAP + 64 :]
        start = GAP + column * (64 + GAP)
        outside = np.delete(below, np.s_[start - 1 : start + 65], axis=1)  # 1 px: anti-aliasing
        assert (outside == 255).all()


def test_long_lines_are_shortened_in_the_middle():
    text = _Text(Image.new("RGB", (10, 10)))
    short = text.fit("said The Great Wall of China 98 %", 140)
    assert short.startswith("said The")
    assert short.endswith("98 %")
    assert "…" in short


def test_headers_and_title():
    sheet = opened(
        image_grid([black()] * 4, columns=2, cell=60, row_headers=["x" * 99, "b"], column_headers=["c", "d"], title="T")
    )
    assert sheet.shape[1] == GAP + 60 + 2 * (60 + GAP)
    assert (sheet[:, : GAP - 1] == 255).all()
    assert (sheet[GAP + 2 * LINE + GAP :, GAP + 60 : GAP + 120].reshape(-1, 3) == 0).all(axis=1).any()


@pytest.mark.parametrize(
    "options",
    [
        {"captions": [("a",)]},
        {"row_headers": ["a", "b"], "columns": 2},
        {"column_headers": ["a"], "columns": 2},
    ],
)
def test_wrong_numbers_of_captions_or_headers_are_refused(options):
    with pytest.raises(BadInputError, match="or none"):
        image_grid([black(), black()], **options)


@pytest.mark.parametrize(
    "image", [np.zeros((8, 8)), np.zeros((8, 8, 4), np.uint8), np.zeros(8, np.uint8), np.zeros((0, 8), np.uint8)]
)
def test_arrays_that_are_not_images_are_refused(image):
    with pytest.raises(BadInputError, match="uint8 images"):
        image_grid([image])


def test_a_grid_without_images_shows_its_title():
    assert (opened(image_grid([], title="No mistakes")) != 255).any()


def test_the_same_input_gives_the_same_bytes():
    assert image_grid([black()], [("a",)]) == image_grid([black()], [("a",)])


def test_side_by_side_images_keep_their_pixels_below_their_titles():
    small, large = image_grid([black()], cell=28), image_grid([black()] * 6, columns=2, cell=56)
    sheet = opened(side_by_side([small, large], ["v2", "v1"]))
    top, left = GAP + LINE + GAP, GAP
    for picture in map(opened, (small, large)):
        height, width = picture.shape[:2]
        np.testing.assert_array_equal(sheet[top : top + height, left : left + width], picture)
        assert (sheet[:top, left : left + width] < 128).any()
        left += width + GAP
    assert sheet.shape[1] == left
    with pytest.raises(ValueError):
        side_by_side([small, large], ["v2"])
