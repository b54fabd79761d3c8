"""Image grids of translated photos."""

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.grids import image_grid
from atelier.evaluation.stylization.pairs import ImageSet

CELL = 160
"""Side of an image in a grid, in pixels."""


def photos_and_paintings(
    photos: ImageSet, painted: NDArray[np.uint8], back: NDArray[np.uint8], paintings: ImageSet, most: int
) -> bytes:
    """A grid with the first photos, their translations, the translations back, and real paintings, as a PNG file."""
    columns = min(most, len(photos.ids), len(paintings.ids))
    rows = (photos.images, painted, back, paintings.images)
    return image_grid(
        [image for row in rows for image in row[:columns]],
        columns=columns,
        cell=CELL,
        row_headers=["photo", "painted", "and back", "real paintings"],
        title=f"{columns} of {len(photos.ids)} test photos",
    )
