"""Progress of training: a sheet of samples, and the distance of samples to validation drawings."""

import math

import keras
import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from atelier.evaluation.generation.distances import kernel_distance_value
from atelier.evaluation.grids import image_grid

VAL_ITEMS = 2048
"""Number of validation drawings. The first rows of a split are a random sample."""
MAX_ROWS, COLUMNS = 30, 10
"""Size of the sheet: rows of labels, columns of samples."""
CELL = 56
"""Side of a drawing in the sheet, in pixels: twice 28."""
BATCH = 256
"""Number of drawings that are generated at a time."""


class Progress:
    """Samples of the generator, from the same noise in every epoch.

    Parameters
    ----------
    data
        Samples are compared with its validation drawings.
    noise
        Size of the latent vector.
    seed
        Seed of the noise.

    Raises
    ------
    BadInputError
        When no label has two validation drawings.
    """

    def __init__(self, data: PreparedData, noise: int, seed: int) -> None:
        val = data.split("val")
        self._real = pooled(val["image"][:VAL_ITEMS])
        self._label = val["label"][:VAL_ITEMS].astype(np.int64)
        if np.bincount(self._label, minlength=1).max() < 2:
            raise BadInputError("No label has two validation drawings. Prepare more items per category.")
        self._labels = data.manifest.labels
        rng = np.random.default_rng(seed)
        self._noise = rng.standard_normal((len(self._label), noise), np.float32)
        rows = np.unique(np.linspace(0, len(self._labels) - 1, min(MAX_ROWS, len(self._labels))).astype(np.int64))
        self._rows = rows
        self._sheet_noise = rng.standard_normal((len(rows) * COLUMNS, noise), np.float32)

    def distance(self, generator: keras.Model) -> float:
        """Kernel distance between validation drawings and samples, as mean over labels.

        Computed on gray levels 0..1 at half the resolution, so that no other model is needed. It can compare epochs or
        trials, but does not measure the quality of drawings. NaN when a pixel is NaN or infinite.
        """
        drawings = samples(generator, self._noise, self._label)
        if not np.isfinite(drawings).all():
            return math.nan
        fake = pooled(to_gray_levels(drawings))
        masks = [self._label == label for label in np.unique(self._label)]
        distances = [kernel_distance_value(self._real[mask], fake[mask]) for mask in masks if mask.sum() > 1]
        return float(np.mean(distances))

    def sheet(self, generator: keras.Model, epoch: int) -> bytes:
        """An image with a row of samples for each label, as a PNG file."""
        drawings = samples(generator, self._sheet_noise, np.repeat(self._rows, COLUMNS))
        names = [self._labels[row] for row in self._rows]
        title = f"Epoch {epoch}, the same noise every time"
        return image_grid(list(to_gray_levels(drawings)), columns=COLUMNS, cell=CELL, row_headers=names, title=title)


def samples(generator: keras.Model, noise: NDArray[np.float32], label: NDArray[np.int64]) -> NDArray[np.float32]:
    """Noise (n, z) and labels (n,) → drawings (n, 28, 28) in -1..1, generated in batches."""
    batches = []
    for start in range(0, len(label), BATCH):
        batch = slice(start, start + BATCH)
        batches.append(np.asarray(generator([noise[batch], label[batch]], training=False))[..., 0])
    return np.concatenate(batches)


def to_gray_levels(drawings: NDArray[np.float32]) -> NDArray[np.uint8]:
    """-1..1 → uint8, 0 (black paper) to 255 (white stroke)."""
    levels: NDArray[np.uint8] = np.rint(127.5 * (drawings + 1)).astype(np.uint8)
    return levels


def pooled(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """uint8 (n, 28, 28) → means of 2 × 2 pixels in 0..1: (n, 196)."""
    n, height, width = images.shape
    blocks: NDArray[np.float64] = images.reshape(n, height // 2, 2, width // 2, 2).mean((2, 4)) / 255
    return blocks.reshape(n, -1)
