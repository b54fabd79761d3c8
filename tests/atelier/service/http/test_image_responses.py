import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from atelier.service.http.image_responses import (
    FACTOR,
    GAP,
    IMAGE_DESCRIPTION,
    IMAGE_FORMATS,
    data_url,
    drawing_grid,
    grid_response,
    image_response,
)
from atelier.service.http.provenance import as_text
from atelier.settings import Settings

SIDE = FACTOR * (28 + GAP)


class Example(Settings):
    family: str = "generator"
    label: str = "café, 茶"
    seed: int = 7


def squares(count: int) -> np.ndarray:
    """Drawings of a square, each stronger than the one before."""
    drawings = np.zeros((count, 28, 28), np.uint8)
    drawings[:, 10:18, 10:18] = np.linspace(120, 255, count)[:, None, None]
    return drawings


def cells(grid: Image.Image, columns: int, count: int) -> list[np.ndarray]:
    grey, edge = np.asarray(grid.convert("L")), FACTOR * GAP
    corners = [(edge + SIDE * (i // columns), edge + SIDE * (i % columns)) for i in range(count)]
    return [grey[top : top + 28 * FACTOR, left : left + 28 * FACTOR] for top, left in corners]


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (8, 3, 3), (12, 4, 3), (16, 4, 4), (64, 8, 8)]
)
def test_the_grid_is_as_square_as_the_number_allows(count: int, columns: int, rows: int) -> None:
    assert drawing_grid(squares(count)).size == (columns * SIDE + FACTOR * GAP, rows * SIDE + FACTOR * GAP)


def test_drawings_are_black_on_white_row_by_row() -> None:
    shown = cells(drawing_grid(squares(5)), columns=3, count=6)
    middles = [int(cell[56, 56]) for cell in shown]
    assert middles[:5] == sorted(middles[:5], reverse=True)
    assert middles[4] == 0
    assert all((cell[:30] == 255).all() for cell in shown)
    assert (shown[5] == 255).all()


def test_a_thin_line_stays_thin() -> None:
    drawing = np.zeros((1, 28, 28), np.uint8)
    drawing[0, 14, 4:24] = 255
    (cell,) = cells(drawing_grid(drawing), columns=1, count=1)
    dark = np.flatnonzero(cell[:, 56] < 128)
    assert 3 <= len(dark) <= 6
    assert (np.diff(dark) == 1).all()


def test_a_grid_has_its_provenance_in_headers_and_texts() -> None:
    response = grid_response(squares(3), Example())
    texts = Image.open(io.BytesIO(response.body)).text  # type: ignore[attr-defined]
    assert texts == {"family": "generator", "label": "café, 茶", "seed": "7"}
    assert response.headers["content-type"] == "image/png"
    assert response.headers["atelier-seed"] == "7"
    assert response.headers["atelier-label"] == "caf%C3%A9, %E8%8C%B6"
    assert grid_response(squares(3), Example()).body == response.body


def test_the_data_url_of_a_drawing_keeps_every_grey_level() -> None:
    drawing = np.arange(784, dtype=np.uint8).reshape(28, 28)
    media_type, _, content = data_url(255 - drawing).partition(",")
    assert media_type == "data:image/png;base64"
    np.testing.assert_array_equal(255 - np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))), drawing)


IMAGE = np.random.default_rng(0).integers(0, 256, (32, 40, 3), dtype=np.uint8)


@pytest.mark.parametrize("media_type", IMAGE_FORMATS)
def test_every_format_has_its_provenance_in_its_metadata(media_type: str) -> None:
    response = image_response(IMAGE, Example(), media_type)
    image = Image.open(io.BytesIO(response.body))
    assert response.headers["content-type"] == media_type
    assert (image.format, image.size) == (IMAGE_FORMATS[media_type], (40, 32))
    texts = image.text if media_type == "image/png" else json.loads(image.getexif()[IMAGE_DESCRIPTION])  # type: ignore[attr-defined]
    assert texts == as_text(Example())


def test_a_png_keeps_every_pixel() -> None:
    body = image_response(IMAGE, Example(), "image/png").body
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(body))), IMAGE)
