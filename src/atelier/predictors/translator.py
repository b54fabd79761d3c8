"""Translate images with an exported network: photos to paintings, or paintings to photos."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from atelier.errors import AtelierError, BadInputError
from atelier.onnx.model import OnnxModel
from atelier.predictors.stylizer import MIN_SIDE, Picture
from atelier.preprocessing.spec import PhotoInput

TILE = 512
"""Side of a tile without its margin, in pixels."""


class Translator:
    """A network that translates images of any size, in tiles if they are large.

    Each tile is computed with a margin as wide as the network's reach and cropped to its inner part, so that the result
    is that of the whole image, without seams. Memory depends on the size of a tile only.

    Parameters
    ----------
    model
        Input `image`, float32 (batch, height, width, 3), RGB from 0 to 255; output `picture`, like `image`.
    preprocessing
        The reach of the network. Without one, images are not divided into tiles.
    tile
        Side of a tile in pixels.
    """

    def __init__(self, model: OnnxModel, preprocessing: PhotoInput, tile: int = TILE) -> None:
        self._model = model
        self._reach = preprocessing.reach
        self._tile = max(1, tile // preprocessing.multiple) * preprocessing.multiple

    def __call__(self, image: Picture) -> Picture:
        """Translate an image; the result has its size.

        Parameters
        ----------
        image
            uint8 (height, width, 3), RGB, each side at least `MIN_SIDE` pixels.

        Raises
        ------
        BadInputError
            When the image is not such an array.
        AtelierError
            When the network returns NaN or infinity.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < MIN_SIDE:
            raise BadInputError(
                f"An image must be uint8 (height, width, 3) with at least {MIN_SIDE} pixels a side, got "
                f"{image.dtype} {image.shape}."
            )
        if self._reach is None or max(image.shape[:2]) <= self._tile + 2 * self._reach:
            return self._translate(image)
        result = np.empty_like(image)
        for rows in self._spans(image.shape[0]):
            for columns in self._spans(image.shape[1]):
                result[rows, columns] = self._translate_part(image, rows, columns)
        return result

    def _spans(self, length: int) -> Iterator[slice]:
        for start in range(0, length, self._tile):
            yield slice(start, min(start + self._tile, length))

    def _translate_part(self, image: Picture, rows: slice, columns: slice) -> Picture:
        outer_rows, inner_rows = self._with_margin(rows, image.shape[0])
        outer_columns, inner_columns = self._with_margin(columns, image.shape[1])
        return self._translate(image[outer_rows, outer_columns])[inner_rows, inner_columns]

    def _with_margin(self, span: slice, length: int) -> tuple[slice, slice]:
        """The span with its margins, as far as the image has them, and where it is within these."""
        assert self._reach is not None
        start = max(0, span.start - self._reach)
        return slice(start, min(span.stop + self._reach, length)), slice(span.start - start, span.stop - start)

    def _translate(self, image: Picture) -> Picture:
        output: NDArray[np.float32] = self._model(image=image[None].astype(np.float32))["picture"][0]
        if not np.isfinite(output).all():
            raise AtelierError("The network returns NaN or infinity. Its training has diverged.")
        return np.asarray(np.rint(np.clip(output, 0, 255)), np.uint8)
