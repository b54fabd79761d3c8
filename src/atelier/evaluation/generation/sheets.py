"""Image grids of generated and real drawings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.generation.drawings import Drawings, RealDrawings
from atelier.evaluation.generation.memorization import Nearest
from atelier.evaluation.grids import image_grid

CELL = 84
"""Side of a drawing in a sheet, in pixels: three times 28."""
REAL_COLUMNS = 3
"""Number of real drawings in a row of samples."""
NEIGHBOR_PAIRS = 4
"""Number of drawings per class in the sheet of nearest neighbors."""


def samples(generated: Drawings, real: Drawings, labels: Sequence[str], rows: int, columns: int) -> bytes:
    """One row per class: the first real test drawings, then the first generated drawings, without selection."""
    shown = _evenly_spaced(len(labels), rows)
    real_images, images = real.by_class(real.images), generated.by_class(generated.images)
    columns = min(columns, len(images[0]))
    rows_of_images = [(*_row(real_images[label], REAL_COLUMNS), *_row(images[label], columns)) for label in shown]
    return image_grid(
        [image for row in rows_of_images for image in row],
        columns=REAL_COLUMNS + columns,
        cell=CELL,
        row_headers=[labels[label] for label in shown],
        column_headers=["real"] * REAL_COLUMNS + ["generated"] * columns,
        title="Real test drawings, and generated drawings without selection",
    )


def nearest_neighbors(
    generated: Drawings, training: RealDrawings, neighbors: Sequence[Nearest], labels: Sequence[str], rows: int
) -> bytes:
    """One row per class: the generated drawings most similar to copies, each beside its nearest training drawing.

    Parameters
    ----------
    neighbors
        The nearest training drawings of the generated drawings, one entry per class.
    """
    shown = [label for label in _evenly_spaced(len(labels), rows) if training.counts[label]]
    images: list[NDArray[np.uint8]] = []
    captions: list[tuple[str, ...]] = []
    for label, class_images in enumerate(generated.by_class(generated.images)):
        if label in shown:
            for index in np.argsort(neighbors[label].relative, kind="stable")[:NEIGHBOR_PAIRS]:
                images += [class_images[index], training.image(label, int(neighbors[label].index[index]))]
                captions += [(f"{neighbors[label].relative[index]:.2f}",), ("training",)]
    return image_grid(
        images,
        captions,
        columns=2 * min(NEIGHBOR_PAIRS, len(generated.label) // generated.classes),
        cell=CELL,
        row_headers=[labels[label] for label in shown],
        title="Generated drawings most similar to copies, and their nearest training drawings (0: a copy, 1: original)",
    )


def _evenly_spaced(classes: int, rows: int) -> list[int]:
    """Indices of `rows` evenly spaced classes, or of all classes if there are fewer."""
    return [int(label) for label in np.linspace(0, classes - 1, min(rows, classes))]


def _row(images: NDArray[np.uint8], columns: int) -> list[NDArray[np.uint8]]:
    """The first images, padded with blank images."""
    blank = np.zeros((28, 28), np.uint8)
    return [*images[:columns], *[blank] * (columns - len(images))]
