import base64
import io

import numpy as np
import pytest
from PIL import Image

from atelier.service.http.sheets import FACTOR, GAP, data_url, draw_sheet, sheet_response
from atelier.settings import Settings

SIDE = FACTOR * (28 + GAP)


class About(Settings):
    family: str = "artist"
    label: str = "café, 茶"
    seed: int = 7


def blots(count: int) -> np.ndarray:
    """Drawings with a blot in the middle, each darker than the one before."""
    drawings = np.zeros((count, 28, 28), np.uint8)
    drawings[:, 10:18, 10:18] = np.linspace(120, 255, count)[:, None, None]
    return drawings


def cells(sheet: Image.Image, columns: int, count: int) -> list[np.ndarray]:
    grey, edge = np.asarray(sheet.convert("L")), FACTOR * GAP
    corners = [(edge + SIDE * (i // columns), edge + SIDE * (i % columns)) for i in range(count)]
    return [grey[top : top + 28 * FACTOR, left : left + 28 * FACTOR] for top, left in corners]


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (8, 3, 3), (12, 4, 3), (16, 4, 4), (64, 8, 8)]
)
def test_the_grid_is_as_square_as_the_number_allows(count: int, columns: int, rows: int) -> None:
    assert draw_sheet(blots(count)).size == (columns * SIDE + FACTOR * GAP, rows * SIDE + FACTOR * GAP)


def test_drawings_are_ink_on_paper_row_by_row() -> None:
    shown = cells(draw_sheet(blots(5)), columns=3, count=6)
    middles = [int(cell[56, 56]) for cell in shown]
    assert middles[:5] == sorted(middles[:5], reverse=True)
    assert middles[4] == 0
    assert all((cell[:30] == 255).all() for cell in shown)
    assert (shown[5] == 255).all()


def test_a_thin_line_stays_a_line() -> None:
    drawing = np.zeros((1, 28, 28), np.uint8)
    drawing[0, 14, 4:24] = 255
    (cell,) = cells(draw_sheet(drawing), columns=1, count=1)
    dark = np.flatnonzero(cell[:, 56] < 128)
    assert 3 <= len(dark) <= 6
    assert (np.diff(dark) == 1).all()


def test_a_sheet_says_where_it_comes_from() -> None:
    response = sheet_response(blots(3), About())
    texts = Image.open(io.BytesIO(response.body)).text  # type: ignore[attr-defined]
    assert texts == {"family": "artist", "label": "café, 茶", "seed": "7"}
    assert response.headers["content-type"] == "image/png"
    assert response.headers["atelier-seed"] == "7"
    assert response.headers["atelier-label"] == "caf%C3%A9, %E8%8C%B6"
    assert sheet_response(blots(3), About()).body == response.body


def test_a_drawing_alone_keeps_every_grey() -> None:
    drawing = np.arange(784, dtype=np.uint8).reshape(28, 28)
    kind, _, content = data_url(drawing).partition(",")
    assert kind == "data:image/png;base64"
    np.testing.assert_array_equal(255 - np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))), drawing)
