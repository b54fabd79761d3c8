"""Image grids of generated and real drawings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.generation.memorization import Nearest
from atelier.evaluation.grids import image_grid
from pipelines.families.quickdraw_gan.drawings import Drawings, RealDrawings

CELL = 84
"""Side of a drawing in a grid, in pixels: three times 28."""
REAL = 3
"""Real drawings per row, beside the generated ones."""
PAIRS = 4
"""Drawings per class in the grid of nearest neighbors."""


def samples(generated: Drawings, real: Drawings, labels: Sequence[str], rows: int, columns: int) -> bytes:
    """One row per class: the first real test drawings, then the first generated drawings, without any selection."""
    shown = _some(len(labels), rows)
    truth, drawn = real.by_class(real.images), generated.by_class(generated.images)
    columns = min(columns, len(drawn[0]))
    images = [image for label in shown for image in (*_row(truth[label], REAL), *_row(drawn[label], columns))]
    return image_grid(
        images,
        columns=REAL + columns,
        cell=CELL,
        row_headers=[labels[label] for label in shown],
        column_headers=["real"] * REAL + ["generated"] * columns,
        title="Real test drawings, and generated drawings without selection",
    )


def nearest_neighbors(
    generated: Drawings, training: RealDrawings, near: Sequence[Nearest], labels: Sequence[str], rows: int
) -> bytes:
    """One row per class: the generated drawings most similar to copies, each beside its nearest training drawing.

    Parameters
    ----------
    near
        The nearest training drawings of the generated drawings, one entry per class.
    """
    shown = [label for label in _some(len(labels), rows) if training.counts[label]]
    images: list[NDArray[np.uint8]] = []
    captions: list[tuple[str, ...]] = []
    for label, drawn in enumerate(generated.by_class(generated.images)):
        if label in shown:
            for index in np.argsort(near[label].relative, kind="stable")[:PAIRS]:
                images += [drawn[index], training.image(label, int(near[label].index[index]))]
                captions += [(f"{near[label].relative[index]:.2f}",), ("training",)]
    return image_grid(
        images,
        captions,
        columns=2 * min(PAIRS, len(generated.label) // generated.classes),
        cell=CELL,
        row_headers=[labels[label] for label in shown],
        title="Generated drawings most similar to copies, and their nearest training drawings (0: a copy, 1: original)",
    )


def _some(classes: int, rows: int) -> list[int]:
    """Indices of all classes, or of `rows` evenly spaced ones."""
    return [int(label) for label in np.linspace(0, classes - 1, min(rows, classes))]


def _row(images: NDArray[np.uint8], columns: int) -> list[NDArray[np.uint8]]:
    """The first images, padded with blank ones."""
    blank = np.zeros((28, 28), np.uint8)
    return [*images[:columns], *[blank] * (columns - len(images))]
