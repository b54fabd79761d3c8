"""Feature extraction with ONNX Runtime, for evaluation."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atelier.errors import BadInputError
from atelier.onnx.model import OnnxModel
from atelier.pretrained.perceptual.asset import Perceptual
from atelier.pretrained.perceptual.onnx_graph import to_onnx


class Extractor:
    """A perceptual network that returns the features of some of its layers.

    Parameters
    ----------
    perceptual
        The network.
    layers
        Names of layers; None: the style layers and the content layer.
    threads
        Threads per call.
    """

    def __init__(self, perceptual: Perceptual, layers: Iterable[str] | None = None, threads: int = 1) -> None:
        self.architecture = perceptual.architecture
        self._model = OnnxModel(to_onnx(self.architecture, perceptual.weights, layers), threads)

    def __call__(self, images: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """Layer → features (batch, channels, height, width), not negative.

        Parameters
        ----------
        images
            uint8 or float, (batch, height, width, 3), RGB from 0 to 255. Memory grows with the batch.

        Raises
        ------
        BadInputError
            When the images have another shape, or are too small.
        """
        min_side = self.architecture.min_side
        if images.ndim != 4 or images.shape[3] != 3 or min(images.shape[1:3]) < min_side:
            raise BadInputError(
                f"{self.architecture.name} takes images (batch, height, width, 3) of at least {min_side} pixels a "
                f"side; these have shape {images.shape}."
            )
        return self._model(image=images.astype(np.float32))
