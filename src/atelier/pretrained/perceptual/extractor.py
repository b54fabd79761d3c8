"""Features of images on ONNX Runtime, for evaluation."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.onnx_graph import to_onnx


class Extractor:
    """A perceptual network ready to answer.

    Parameters
    ----------
    perceptual
        Which one.
    taps
        Names of layers; those of style and content where None.
    threads
        Of one call.
    """

    def __init__(self, perceptual: Perceptual, taps: Iterable[str] | None = None, threads: int = 1) -> None:
        self.architecture = perceptual.architecture
        self._model = OnnxModel(to_onnx(self.architecture, perceptual.weights, taps), threads)

    def __call__(self, images: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """Tap → features (batch, channels, height, width), not negative.

        Parameters
        ----------
        images
            uint8 or float, (batch, height, width, 3), RGB from 0 to 255. Memory grows with the batch.

        Raises
        ------
        BadInputError
            When the images have another shape or are too small.
        """
        smallest = self.architecture.smallest
        if images.ndim != 4 or images.shape[3] != 3 or min(images.shape[1:3]) < smallest:
            raise BadInputError(
                f"{self.architecture.name} looks at images (batch, height, width, 3) of at least {smallest} pixels a "
                f"side; these have shape {images.shape}."
            )
        return self._model(image=images.astype(np.float32))
