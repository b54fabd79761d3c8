"""Progress of training: losses on validation photos in every style, and a sheet of the stylized photos."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.grids import image_grid
from pipelines.families.fast_style.step import StyleTrainer
from pipelines.families.fast_style.styles import Style, resized

CELL = 128
"""Side of an image in the sheet, in pixels."""


class Progress:
    """The same validation photos in every style, after each epoch.

    Parameters
    ----------
    coco
        The first photos of its validation split are stylized.
    styles
        All styles of the network.
    photos
        Number of photos; fewer if the split has fewer.
    size
        Side of the photos, in pixels.
    """

    def __init__(self, coco: PreparedData, styles: tuple[Style, ...], photos: int, size: int) -> None:
        self._photos = [resized(photo, size) for photo in coco.split("val")["image"][:photos]]
        self._styles = styles
        self._images: list[list[NDArray[np.uint8]]] = []

    def measure(self, trainer: StyleTrainer) -> dict[str, float]:
        """`val_<loss>` → mean over photos × styles, and `val_distance`, the sum of content and style distance.

        `val_distance` does not depend on the weights of the losses, so it can compare trials with different weights.
        NaN when a pixel is NaN or infinite.
        """
        batch = tf.constant(np.stack(self._photos), tf.float32)
        results = [trainer.measure(batch, tf.fill([len(self._photos)], style)) for style in range(len(self._styles))]
        self._images = [[_to_gray_levels(image) for image in images.numpy()] for images, _ in results]
        means = {f"val_{name}": float(np.mean([losses[name] for _, losses in results])) for name in results[0][1]}
        return means | {"val_distance": means["val_content"] + means["val_style"]}

    def sheet(self, epoch: int) -> bytes:
        """The images of the last `measure`, one row per style after its painting, as a PNG file."""
        size = len(self._photos[0])
        images = [np.full((size, size, 3), 255, np.uint8), *self._photos]
        for style, stylized in zip(self._styles, self._images, strict=True):
            images += [style.painting, *stylized]
        return image_grid(
            images,
            columns=1 + len(self._photos),
            cell=CELL,
            row_headers=["", *(style.name for style in self._styles)],
            title=f"Epoch {epoch}: validation photos in every style",
        )


def _to_gray_levels(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.nan_to_num(image)).astype(np.uint8)
