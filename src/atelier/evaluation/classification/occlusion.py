"""What a classifier looks at: how much its confidence falls when a part of the photo is covered (Zeiler & Fergus 2013).

arXiv:1311.2901, section 4.2.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atelier.onnx.model import OnnxModel
from atelier.preprocessing.images import ImageArray

CELLS = 8
"""The covered square is a fourth of the photo wide, and moves by an eighth."""


def occlusion(model: OnnxModel, photo: ImageArray, output: int) -> NDArray[np.float64]:
    """(CELLS, CELLS): how much the probability falls when the square around each cell is covered with the mean color.

    Parameters
    ----------
    photo
        uint8 (height, width, 3).
    output
        Index of the output.
    """
    height, width = photo.shape[:2]
    covered = np.repeat(photo[None], CELLS * CELLS + 1, axis=0)
    color = photo.mean((0, 1)).astype(np.uint8)
    for number in range(CELLS * CELLS):
        row, column = divmod(number, CELLS)
        rows = slice(max(0, (2 * row - 1) * height // (2 * CELLS)), (2 * row + 3) * height // (2 * CELLS))
        columns = slice(max(0, (2 * column - 1) * width // (2 * CELLS)), (2 * column + 3) * width // (2 * CELLS))
        covered[number, rows, columns] = color
    probabilities = model(image=covered)["probabilities"][:, output].astype(np.float64)
    falls: NDArray[np.float64] = (probabilities[-1] - probabilities[:-1]).reshape(CELLS, CELLS)
    return falls


def overlay(photo: ImageArray, falls: NDArray[np.float64]) -> ImageArray:
    """The photo, with parts that do not matter darkened: uint8, of the same shape."""
    scaled = np.clip(falls / max(float(falls.max()), 1e-6), 0, 1)
    height, width = photo.shape[:2]
    smooth = Image.fromarray((255 * scaled).astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    light = 0.25 + 0.75 * np.asarray(smooth, np.float32)[..., None] / 255
    return (photo * light).astype(np.uint8)
