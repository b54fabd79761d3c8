"""Sheets of drawings for a person to judge a generator by."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.generation.memorization import Nearest
from atelier.evaluation.grids import image_grid
from pipelines.families.quickdraw_gan.drawings import Drawings, RealDrawings

CELL = 84
"""Pixels of a drawing's side on a sheet: three times 28."""
REAL = 3
"""Real drawings beside the generated ones."""
PAIRS = 4
"""Drawings of a class on the sheet of nearest neighbours."""


def samples(generated: Drawings, real: Drawings, labels: Sequence[str], rows: int, columns: int) -> bytes:
    """A row a class: its first real test drawings, then its first generated ones; none of them is chosen."""
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
        title="Real test drawings, and generated drawings as they came",
    )


def nearest_neighbours(
    generated: Drawings, training: RealDrawings, near: Sequence[Nearest], labels: Sequence[str], rows: int
) -> bytes:
    """A row a class: the generated drawings that are most like copies, each beside the training drawing it is nearest.

    Parameters
    ----------
    near
        Of the generated drawings, class by class.
    """
    shown = [label for label in _some(len(labels), rows) if training.counts[label]]
    images: list[NDArray[np.uint8]] = []
    captions: list[tuple[str, ...]] = []
    for label, drawn in enumerate(generated.by_class(generated.images)):
        if label in shown:
            for place in np.argsort(near[label].relative, kind="stable")[:PAIRS]:
                images += [drawn[place], training.image(label, int(near[label].index[place]))]
                captions += [(f"{near[label].relative[place]:.2f}",), ("training",)]
    return image_grid(
        images,
        captions,
        columns=2 * min(PAIRS, len(generated.label) // generated.classes),
        cell=CELL,
        row_headers=[labels[label] for label in shown],
        title="The generated drawings most like copies, and their nearest training drawings (0: a copy, 1: its own)",
    )


def _some(classes: int, rows: int) -> list[int]:
    """All classes, or as many as there are rows, evenly spaced."""
    return [int(label) for label in np.linspace(0, classes - 1, min(rows, classes))]


def _row(images: NDArray[np.uint8], columns: int) -> list[NDArray[np.uint8]]:
    """The first images, filled up with empty ones."""
    blank = np.zeros((28, 28), np.uint8)
    return [*images[:columns], *[blank] * (columns - len(images))]
