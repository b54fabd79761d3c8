"""Image grids of stylized photos."""

from collections.abc import Sequence

import numpy as np

from atelier.evaluation.grids import image_grid
from atelier.evaluation.stylization.pairs import Pairs
from atelier.preprocessing.images import ImageArray

CELL = 144
"""Side of an image in a grid, in pixels."""


def photos_by_styles(pairs: Pairs, stylized: Sequence[ImageArray], columns: int, rows: int) -> bytes:
    """A grid with a photo per column and a painting per row; each cell shows the photo in the style of the painting.

    Parameters
    ----------
    pairs
        All pairs of photos and paintings.
    stylized
        One image per pair.
    columns, rows
        Largest number of photos and of paintings; the first ones are shown.
    """
    across, down = len(pairs.photos.ids), len(pairs.paintings.ids)
    photos, paintings = range(min(columns, across)), range(min(rows, down))
    corner = np.full_like(pairs.photos.images[0], 255)
    images: list[ImageArray] = [corner, *(pairs.photos.images[photo] for photo in photos)]
    for painting in paintings:
        images += [pairs.paintings.images[painting]]
        images += [stylized[pairs.indices.index((photo, painting))] for photo in photos]
    captions = [()] * (1 + len(photos)) + [
        line for painting in paintings for line in [(pairs.paintings.names[painting],), *[()] * len(photos)]
    ]
    title = f"Test photos in the style of the paintings on the left: {len(photos)} of {across} photos, "
    title += f"{len(paintings)} of {down} styles"
    return image_grid(images, captions, columns=1 + len(photos), cell=CELL, title=title)


def strengths(pairs: Pairs, rows: Sequence[Sequence[ImageArray]], values: Sequence[float]) -> bytes:
    """A grid with one row per pair: the photo, the result at each strength, and the painting."""
    images: list[ImageArray] = []
    for photo, painting, row in zip(pairs.photo_of_each, pairs.painting_of_each, rows, strict=True):
        images += [photo, *row, painting]
    headers = ["photo", *(f"strength {value:g}" for value in values), "painting"]
    return image_grid(images, columns=len(headers), cell=CELL, column_headers=headers, title="Rising strength of style")
