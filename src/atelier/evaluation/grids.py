"""Labeled grids of images, as PNG bytes: worst mistakes, samples by class, photos by styles.

Text is set in Pillow's default font, which has the letters of western European languages only.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from atelier.errors import BadInputError

PAPER, INK, QUIET, EMPTY = "#ffffff", "#22303c", "#5b6b79", "#eef2f5"
FONT_SIZE, LINE, GAP = 13, 17, 10
"""In pixels: font size, line height, and gap between cells."""
MOST_LINES = 2
"""Largest number of lines of a caption."""


@dataclass(frozen=True)
class _Layout:
    """Positions on a grid, in pixels."""

    rows: int
    columns: int
    cell: int
    lines: int
    left: int
    top: int

    @property
    def size(self) -> tuple[int, int]:
        return self.left + self.columns * (self.cell + GAP), self.top + self.rows * self.step

    @property
    def step(self) -> int:
        return self.cell + GAP + (self.lines * LINE + 4 if self.lines else 0)

    def corner(self, row: int, column: int) -> tuple[int, int]:
        return self.left + column * (self.cell + GAP), self.top + row * self.step


def image_grid(
    images: Sequence[NDArray[np.uint8]],
    captions: Sequence[Sequence[str]] = (),
    *,
    columns: int = 6,
    cell: int = 128,
    row_headers: Sequence[str] = (),
    column_headers: Sequence[str] = (),
    title: str = "",
) -> bytes:
    """Draw images row by row in the given order, each with up to two lines of text below it.

    Parameters
    ----------
    images
        uint8, grayscale (height, width) or RGB (height, width, 3), of any size. Small images are enlarged by an integer
        factor, so that their pixels stay square; large images are reduced. The aspect ratio is kept.
    captions
        The lines of each image, or empty for no captions. A line that is too long is shortened in the middle.
    columns
        Number of images in a row.
    cell
        Side of the square in which an image is drawn, in pixels.
    row_headers, column_headers
        Names of all rows and all columns, or empty for none.
    title
        A line above the images.

    Returns
    -------
    bytes
        A PNG file; the same input gives the same bytes. Without images it shows only the title.

    Raises
    ------
    BadInputError
        When an image has another dtype or shape, or the number of captions or headers does not fit.
    """
    pictures = [_fit(image, cell) for image in images]
    columns = columns if column_headers else min(columns, max(len(images), 1))
    rows = -(-len(images) // columns)
    _check_count("captions", captions, len(images))
    _check_count("row headers", row_headers, rows)
    _check_count("column headers", column_headers, columns)
    layout = _Layout(
        rows=rows,
        columns=columns,
        cell=cell,
        lines=min(MOST_LINES, max((len(lines) for lines in captions), default=0)),
        left=GAP + (cell if row_headers else 0),
        top=GAP + LINE * (bool(title) + bool(column_headers)) + (GAP if title or column_headers else 0),
    )
    sheet = Image.new("RGB", layout.size, PAPER)
    text = _Text(sheet)
    text.write((GAP, GAP), title, layout.size[0] - 2 * GAP)
    _write_headers(text, layout, row_headers, column_headers)
    for index, picture in enumerate(pictures):
        x, y = layout.corner(*divmod(index, columns))
        sheet.paste(EMPTY, (x, y, x + cell, y + cell))
        sheet.paste(picture, (x + (cell - picture.width) // 2, y + (cell - picture.height) // 2))
        for line, words in enumerate(captions[index][:MOST_LINES] if captions else ()):
            text.write((x, y + cell + 3 + line * LINE), words, cell, QUIET if line else INK)
    return _png(sheet)


def side_by_side(pictures: Sequence[bytes], titles: Sequence[str]) -> bytes:
    """Place image files in a row at their own size, each below its title; returns PNG bytes."""
    opened = [Image.open(io.BytesIO(content)).convert("RGB") for content in pictures]
    top = 2 * GAP + LINE
    width = sum(picture.width + GAP for picture in opened) + GAP
    sheet = Image.new("RGB", (width, top + max(picture.height for picture in opened) + GAP), PAPER)
    text, left = _Text(sheet), GAP
    for picture, title in zip(opened, titles, strict=True):
        text.write((left, GAP), title, picture.width)
        sheet.paste(picture, (left, top))
        left += picture.width + GAP
    return _png(sheet)


def _check_count(name: str, given: Sequence[object], needed: int) -> None:
    if given and len(given) != needed:
        raise BadInputError(f"This grid of images needs {needed} {name} or none, got {len(given)}.")


class _Text:
    """Writes lines of text within a given width."""

    def __init__(self, sheet: Image.Image) -> None:
        self._draw = ImageDraw.Draw(sheet)
        self._font = ImageFont.load_default(FONT_SIZE)

    def write(self, at: tuple[float, float], words: str, width: int, color: str = INK, *, center: bool = False) -> None:
        words = self.fit(words, width)
        indent = (width - self._draw.textlength(words, self._font)) // 2 if center else 0
        self._draw.text((at[0] + indent, at[1]), words, color, self._font)

    def fit(self, words: str, width: int) -> str:
        """The line, shortened in the middle until it fits."""
        words = " ".join(words.split())
        kept = len(words)
        short = words
        while kept and self._draw.textlength(short, self._font) > width:
            kept -= 1
            tail = kept // 2
            short = f"{words[: kept - tail].rstrip()}…{words[len(words) - tail :].lstrip()}"
        return short


def _write_headers(text: _Text, layout: _Layout, rows: Sequence[str], columns: Sequence[str]) -> None:
    for row, name in enumerate(rows):
        _, y = layout.corner(row, 0)
        text.write((GAP, y + (layout.cell - LINE) // 2), name, layout.cell - GAP)
    for column, name in enumerate(columns):
        x, _ = layout.corner(0, column)
        text.write((x, layout.top - LINE - GAP // 2), name, layout.cell, center=True)


def _fit(image: NDArray[np.uint8], cell: int) -> Image.Image:
    if (
        image.dtype != np.uint8
        or image.ndim not in (2, 3)
        or (image.ndim == 3 and image.shape[2] != 3)
        or not image.size
    ):
        raise BadInputError(
            f"A grid takes uint8 images (height, width) or (height, width, 3), got {image.dtype} {image.shape}."
        )
    height, width = image.shape[:2]
    scale = cell / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if scale >= 1:
        size = (width * int(scale), height * int(scale))
    how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.LANCZOS
    return Image.fromarray(np.ascontiguousarray(image)).convert("RGB").resize(size, how)


def _png(sheet: Image.Image) -> bytes:
    buffer = io.BytesIO()
    sheet.save(buffer, format="png", optimize=True)
    return buffer.getvalue()
