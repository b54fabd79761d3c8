"""Image grids and plots of edited faces."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atelier.evaluation.faces.edits import Editor, Edits
from atelier.evaluation.figures import png, shorten
from atelier.evaluation.grids import image_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELL = 128
"""Side of an image in a grid, in pixels."""

Images = NDArray[np.uint8]
Floats = NDArray[np.float64]


def reconstructions(rows: Mapping[str, Images], count: int) -> bytes:
    """A row for the faces, and one for each way to reconstruct them, as a PNG file."""
    shown = {name: images[:count] for name, images in rows.items()}
    columns = len(next(iter(shown.values())))
    images = [image for row in shown.values() for image in row]
    title = "test faces and their reconstructions"
    return image_grid(images, columns=columns, cell=CELL, row_headers=list(shown), title=title)


def edits(editor: Editor, faces: Images, attribute: str, requests: Sequence[float]) -> bytes:
    """Each face, its reconstruction, and its edits by all requests, in their order from low to high, as a PNG file."""
    latents = editor.encode(faces)
    steps = sorted({*requests, 0.0})
    columns = [editor.decode(editor.edit(latents, {attribute: step})) for step in steps]
    images = [row for index in range(len(faces)) for row in (faces[index], *(column[index] for column in columns))]
    headers = ["face", *("reconstruction" if not step else f"{attribute} {step:+g} sd" for step in steps)]
    return image_grid(images, columns=len(headers), cell=CELL, column_headers=headers)


def samples(images: Images) -> bytes:
    """Samples of the generator, as a PNG file."""
    return image_grid(list(images), columns=8, cell=CELL, title="samples of the generator")


def leakage(measured: Edits, all_faces: Floats, adults: Floats | None) -> bytes:
    """What moves when one standard deviation is asked for: a matrix over all faces, and one over adults."""
    matrices = [("all faces", all_faces), *([] if adults is None else [("adults", adults)])]
    stacked = np.concatenate([matrix for _, matrix in matrices])
    names = [f"{name} ({which})" for which, _ in matrices for name in measured.directions]
    height = 1.6 + 0.42 * len(names)
    return png((2.6 + 1.05 * len(measured.judged), height), lambda axes: _draw(axes, stacked, names, measured.judged))


def _draw(axes: "Axes", matrix: Floats, rows: Sequence[str], columns: Sequence[str]) -> None:
    axes.imshow(matrix, cmap="RdBu_r", vmin=-1.2, vmax=1.2, aspect="auto")
    axes.set_yticks(range(len(rows)), [shorten(name, 28) for name in rows])
    axes.set_xticks(range(len(columns)), [shorten(name, 16) for name in columns], rotation=30, ha="right")
    axes.set_title("Moved, for 1 sd asked: rows are edits")
    axes.set_xlabel("judged attribute, in its standard deviations")
    for (row, column), value in np.ndenumerate(matrix):
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if abs(value) > 0.8 else "black")
