"""How far training is: validation photos in every style, to look at and to compare runs by."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.grids import image_grid
from pipelines.families.fast_style.step import StyleTrainer
from pipelines.families.fast_style.styles import Style, resized

CELL = 128


class Progress:
    """What training tells of itself, always of the same photos.

    Parameters
    ----------
    coco
        The first of its validation photos are painted.
    styles
        All of them.
    photos
        How many photos, where there are so many.
    size
        Pixels of a side.
    """

    def __init__(self, coco: PreparedData, styles: tuple[Style, ...], photos: int, size: int) -> None:
        self._photos = [resized(photo, size) for photo in coco.split("val")["image"][:photos]]
        self._styles = styles
        self._pictures: list[list[NDArray[np.uint8]]] = []

    def measure(self, trainer: StyleTrainer) -> dict[str, float]:
        """`val_<loss>` → mean over photos × styles, and `val_distance`, the sum of content and style distance.

        No weight has a say in it: trials with other weights compare by it. NaN where a picture is no numbers.
        """
        batch = tf.constant(np.stack(self._photos), tf.float32)
        rows = [trainer.measure(batch, tf.fill([len(self._photos)], style)) for style in range(len(self._styles))]
        self._pictures = [[_grey_levels(picture) for picture in pictures.numpy()] for pictures, _ in rows]
        means = {f"val_{name}": float(np.mean([named[name] for _, named in rows])) for name in rows[0][1]}
        return means | {"val_distance": means["val_content"] + means["val_style"]}

    def sheet(self, epoch: int) -> bytes:
        """The pictures that were measured last, a row a style behind its painting, as PNG bytes."""
        size = len(self._photos[0])
        images = [np.full((size, size, 3), 255, np.uint8), *self._photos]
        for style, pictures in zip(self._styles, self._pictures, strict=True):
            images += [style.painting, *pictures]
        return image_grid(
            images,
            columns=1 + len(self._photos),
            cell=CELL,
            row_headers=["", *(style.name for style in self._styles)],
            title=f"Epoch {epoch}: validation photos in every style",
        )


def _grey_levels(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.nan_to_num(picture)).astype(np.uint8)
