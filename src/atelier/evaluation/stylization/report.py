"""Sheets of painted photos for a person to judge by."""

from collections.abc import Sequence

import numpy as np

from atelier.evaluation.grids import image_grid
from atelier.evaluation.stylization.pairs import Pairs
from atelier.preprocessing.images import ImageArray

CELL = 144
"""Pixels of a picture's side on a sheet."""


def photos_by_styles(pairs: Pairs, pictures: Sequence[ImageArray], columns: int, rows: int) -> bytes:
    """Photos across, paintings down: the first ones of both; where they meet, the photo in the painting's style.

    Parameters
    ----------
    pairs
        All of the two galleries.
    pictures
        One a pair.
    columns, rows
        The most photos and paintings.
    """
    across, down = len(pairs.photos.ids), len(pairs.paintings.ids)
    photos, paintings = range(min(columns, across)), range(min(rows, down))
    corner = np.full_like(pairs.photos.pictures[0], 255)
    images: list[ImageArray] = [corner, *(pairs.photos.pictures[photo] for photo in photos)]
    for painting in paintings:
        images += [pairs.paintings.pictures[painting]]
        images += [pictures[pairs.places.index((photo, painting))] for photo in photos]
    captions = [()] * (1 + len(photos)) + [
        line for painting in paintings for line in [(pairs.paintings.names[painting],), *[()] * len(photos)]
    ]
    title = f"Unseen photos in the style of the paintings at their left: {len(photos)} of {across} photos, "
    title += f"{len(paintings)} of {down} styles"
    return image_grid(images, captions, columns=1 + len(photos), cell=CELL, title=title)


def strengths(pairs: Pairs, rows: Sequence[Sequence[ImageArray]], values: Sequence[float]) -> bytes:
    """A row a pair: the photo, what becomes of it at each strength, and the painting."""
    images: list[ImageArray] = []
    for photo, painting, row in zip(pairs.photo_of_each, pairs.painting_of_each, rows, strict=True):
        images += [photo, *row, painting]
    headers = ["photo", *(f"strength {value:g}" for value in values), "painting"]
    return image_grid(images, columns=len(headers), cell=CELL, column_headers=headers, title="More and more style")
