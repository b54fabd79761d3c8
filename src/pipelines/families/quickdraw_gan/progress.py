"""How far training is: samples of fixed noise to look at, and a distance to validation drawings to compare runs by."""

import math

import keras
import numpy as np
from numpy.typing import NDArray

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from atelier.evaluation.generation.distances import kernel_distance
from atelier.evaluation.grids import image_grid

ITEMS = 2048
"""Validation drawings that are compared; a split's first rows are a random sample of it."""
MOST_ROWS, COLUMNS, CELL = 30, 10, 56
BATCH = 256


class Progress:
    """What training tells of itself, always from the same noise.

    Parameters
    ----------
    data
        Its validation drawings are what samples are compared with.
    noise
        Size of the latent vector.
    seed
        Of the noise.

    Raises
    ------
    BadInputError
        When no label has two validation drawings.
    """

    def __init__(self, data: PreparedData, noise: int, seed: int) -> None:
        val = data.split("val")
        self._real = pooled(val["image"][:ITEMS])
        self._label = val["label"][:ITEMS].astype(np.int64)
        if np.bincount(self._label, minlength=1).max() < 2:
            raise BadInputError("No label has two validation drawings. Prepare more items per category.")
        self._labels = data.manifest.labels
        chance = np.random.default_rng(seed)
        self._noise = chance.standard_normal((len(self._label), noise), np.float32)
        rows = np.unique(np.linspace(0, len(self._labels) - 1, min(MOST_ROWS, len(self._labels))).astype(np.int64))
        self._rows = rows
        self._sheet_noise = chance.standard_normal((len(rows) * COLUMNS, noise), np.float32)

    def distance(self, generator: keras.Model) -> float:
        """Kernel distance between validation drawings and samples, label by label, averaged over the labels.

        Taken on grey levels at half the resolution, 0..1, which needs no other model: good for comparing two epochs or
        two trials of a study, not for saying how good the drawings are. NaN where a drawing is no numbers.
        """
        drawings = samples(generator, self._noise, self._label)
        if not np.isfinite(drawings).all():
            return math.nan
        fake = pooled(grey(drawings))
        shares = [self._label == label for label in np.unique(self._label)]
        return float(np.mean([kernel_distance(self._real[of], fake[of], 1).value for of in shares if of.sum() > 1]))

    def sheet(self, generator: keras.Model, epoch: int) -> bytes:
        """A picture of the samples, a row a label, as PNG bytes."""
        drawings = samples(generator, self._sheet_noise, np.repeat(self._rows, COLUMNS))
        names = [self._labels[row] for row in self._rows]
        title = f"Epoch {epoch}, the same noise every time"
        return image_grid(list(grey(drawings)), columns=COLUMNS, cell=CELL, row_headers=names, title=title)


def samples(generator: keras.Model, noise: NDArray[np.float32], label: NDArray[np.int64]) -> NDArray[np.float32]:
    """Noise (n, z) and labels (n,) → (n, 28, 28) in -1..1, some hundred at a time."""
    parts = []
    for start in range(0, len(label), BATCH):
        part = slice(start, start + BATCH)
        parts.append(np.asarray(generator([noise[part], label[part]], training=False))[..., 0])
    return np.concatenate(parts)


def grey(drawings: NDArray[np.float32]) -> NDArray[np.uint8]:
    """-1..1 → 0 black paper to 255 a white stroke."""
    levels: NDArray[np.uint8] = np.rint(127.5 * (drawings + 1)).astype(np.uint8)
    return levels


def pooled(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Uint8 (n, 28, 28) → means of 2 × 2 pixels in 0..1, (n, 196)."""
    n, height, width = images.shape
    blocks: NDArray[np.float64] = images.reshape(n, height // 2, 2, width // 2, 2).mean((2, 4)) / 255
    return blocks.reshape(n, -1)
