"""Progress of training: validation photos translated to paintings and back."""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from atelier.evaluation.translation.kernel_distance import distance_terms
from atelier.evaluation.grids import image_grid
from pipelines.families.cyclegan.settings import CycleGanInputs, TrainingSettings
from pipelines.families.cyclegan.step import Networks
from pipelines.training.on_tensorflow.perceptual import FeatureExtractor
from pipelines.training.on_tensorflow.tensor_ops import relative_distance

SHEET_PHOTOS = 8
"""Largest number of photos in the sheet."""
CELL = 160
"""Side of an image in the sheet, in pixels."""
BATCH = 4
"""Number of images that are translated or described at a time."""
MAX_PAINTINGS = 64
"""Largest number of training paintings that the translated photos are compared with."""


class Progress:
    """The same validation photos after each epoch, translated by the moving averages of the generators.

    Parameters
    ----------
    inputs
        Validation photos, training paintings, and the network in whose features they are compared. The paintings are
        not those of the evaluation.
    settings
        Number and size of the photos.
    """

    def __init__(self, inputs: CycleGanInputs, settings: TrainingSettings) -> None:
        photos = inputs.landscapes.split("val")["image"][: settings.val_items]
        paintings = inputs.van_gogh.split("train")["image"][:MAX_PAINTINGS]
        self._photos = _resized(photos, settings.size)
        self._extractor = FeatureExtractor(inputs.perceptual)
        self._content = inputs.perceptual.architecture.content_layer
        self._paintings = self._describe(_resized(paintings, settings.size))[1]
        self._photo_content, means = self._describe(self._photos)
        self._untouched = self._distance(means)
        self._images: list[NDArray[np.uint8]] = []

    def measure(self, networks: Networks) -> dict[str, float]:
        """Metrics of the translated validation photos; NaN when a pixel is NaN or infinite.

        - `val_distance`: kernel distance to the paintings in mean features of the perceptual network, as a ratio to
          that of the photos. The discriminators read such features, so it can compare epochs and trials, but does not
          measure the quality.
        - `val_content`: content distance from the photos, as in the evaluation.
        - `val_cycle`: mean absolute difference of a photo and the photo after translation and back, in units of 127.5.
        """
        painted = _translate(networks.to_painting_average, self._photos)
        back = _translate(networks.to_photo_average, painted)
        self._images = [_to_gray_levels(image) for images in zip(self._photos, painted, back) for image in images]
        if not (np.isfinite(painted).all() and np.isfinite(back).all()):
            return dict.fromkeys(("val_distance", "val_content", "val_cycle"), np.nan)
        content, means = self._describe(painted)
        return {
            "val_distance": self._distance(means) / self._untouched,
            "val_content": float(np.mean(relative_distance(content, self._photo_content))),
            "val_cycle": float(np.abs(back - self._photos).mean() / 127.5),
        }

    def sheet(self, epoch: int) -> bytes:
        """The images of the last `measure`, as a PNG file: photos in the first row, then paintings, then photos."""
        rows = [self._images[row : 3 * SHEET_PHOTOS : 3] for row in range(3)]
        names = ["photo", "painting", "and back"]
        title = f"Epoch {epoch}: validation photos"
        images = [image for row in rows for image in row]
        return image_grid(images, columns=len(rows[0]), cell=CELL, row_headers=names, title=title)

    def _describe(self, images: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Features of the content layer (n, h, w, c), and mean features of all layers (n, d)."""
        content, means = zip(*(self._extract(batch) for batch in _batches(images)), strict=True)
        return np.concatenate(content), np.concatenate(means)

    @tf.function(autograph=False)
    def _extract(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        layers = self._extractor(images)
        means = [tf.reduce_mean(layer, axis=(1, 2)) for layer in layers.values()]
        # Layers with large features would outweigh the others.
        scaled = [mean / tf.sqrt(tf.reduce_mean(tf.square(mean), axis=1, keepdims=True)) for mean in means]
        return layers[self._content], tf.concat(scaled, axis=1)

    def _distance(self, means: NDArray[np.float32]) -> float:
        return float(distance_terms(means, self._paintings).mean())


def _translate(network: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([np.asarray(network(batch, training=False)) for batch in _batches(images)])


def _batches(images: NDArray[np.float32]) -> list[tf.Tensor]:
    return [tf.constant(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]


def _resized(images: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    resized = [Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS) for image in images]
    return np.stack([np.asarray(image) for image in resized]).astype(np.float32)


def _to_gray_levels(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(np.nan_to_num(image), 0, 255)).astype(np.uint8)
